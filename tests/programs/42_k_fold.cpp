// X10: Boston-like housing with 4-fold cross-validation; a fresh copy of the model per fold.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::california_housing::load_data();
  const Tensor x = data.x_train.slice({.stop = 1000}), y = data.y_train.slice({.stop = 1000});
  const int folds = 4;
  const Dim size = x.shape()[0] / folds;

  Sequential blank({Input(x.shape().from(1)), Normalization(), Dense(64, {.activation = "relu"}), Dense(1)});
  double sum = 0;
  for (Dim k = 0; k < folds; ++k) {
    const Slice held_out{.start = k * size, .stop = (k + 1) * size};
    Tensor x_rest = ops::concatenate({x.slice({.stop = k * size}), x.slice({.start = (k + 1) * size})});
    Tensor y_rest = ops::concatenate({y.slice({.stop = k * size}), y.slice({.start = (k + 1) * size})});
    Model model = clone_model(blank);
    model.compile({.optimizer = "rmsprop", .loss = "mse", .metrics = {"mae"}});
    model.fit(x_rest, y_rest, {.batch_size = 16, .epochs = 2, .verbose = 0});
    sum += model.evaluate(x.slice(held_out), y.slice(held_out))["mae"];
  }
  std::cout << "mean absolute error " << sum / folds << '\n';
}
