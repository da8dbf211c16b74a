// S0 (A.7 105): x and x^2 in, sin(2 pi x) and exp(x) out; 1-D data; a bare metric name.
#include <cmath>
#include <kerata/kerata.h>
#include <numbers>
using namespace kerata;
using namespace kerata::layers;

int main() {
  utils::NumpyRandom rng(7);
  constexpr double pi = std::numbers::pi;
  Tensor x1 = ops::linspace(0.0, 1.0, 1000), x2 = x1 * x1;
  Tensor y1 = ops::sin(2 * pi * x1), y2 = ops::exp(x1);
  Tensor v1 = ops::sort(rng.rand({100})), v2 = v1 * v1;
  Tensor w1 = ops::sin(2 * pi * v1), w2 = ops::exp(v1);

  Tensor left_in = Input({1}), right_in = Input({1});
  auto branch = [](const Tensor& x) {
    return Dense(10, {.activation = "relu"})(Dense(10, {.activation = "relu"})(x));
  };
  Tensor merged = concatenate({branch(left_in), branch(right_in)});
  Tensor left = Dense(1)(branch(merged)), right = Dense(1)(branch(merged));

  Model model({left_in, right_in}, {left, right});
  model.compile({.optimizer = "rmsprop", .loss = {"mse", "mse"}, .loss_weights = {1, 1}, .metrics = "mse"});
  model.fit({x1, x2}, {y1, y2},
            {.batch_size = 32, .epochs = 100, .verbose = 0, .validation_data = {{v1, v2}, {w1, w2}}});

  auto [yp_sin, yp_exp] = model.predict_all({v1, v2}).unpack<2>();
  auto error = [](const Tensor& predicted, const Tensor& exact) {
    return std::sqrt(ops::mean(ops::square(predicted - exact.reshape({-1, 1}))).item());
  };
  return error(yp_sin, w1) < 0.3 && error(yp_exp, w2) < 0.3 ? 0 : 1;
}
