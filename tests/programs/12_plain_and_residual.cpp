// S0 (A.7 106, 107): 12 plain layers fail to learn sin(12 pi x), 42 concatenating ones do.
#include <numbers>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

Model plain() {
  Tensor x0 = Input({1});
  Tensor x = Dense(10, {.activation = "relu"})(x0);
  for (int i = 0; i < 10; ++i) x = Dense(10, {.activation = "relu"})(x);
  return Model(x0, Dense(1)(x));
}

Model residual() {
  Tensor x0 = Input({1});
  Tensor x = Dense(10, {.activation = "relu"})(x0);
  for (int i = 0; i < 20; ++i) {
    Tensor x_temp = x;
    x = Dense(10, {.activation = "relu"})(x);
    x = Dense(10, {.activation = "relu"})(x);
    x = concatenate({x_temp, x});
  }
  return Model(x0, Dense(1)(x));
}

int main() {
  Tensor x = ops::linspace(0.0, 1.0, 1000), y = ops::sin(12 * std::numbers::pi * x);
  for (Model model : {plain(), residual()}) {
    model.summary();
    utils::plot_model(model, "model_graph.png", {.show_shapes = true});
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mse"}});
    History history = model.fit(x, y, {.batch_size = 32, .epochs = 2, .verbose = 0});
    if (model.predict(x).shape() != Shape{1000, 1} || history["mse"].size() != 2) return 1;
  }
}
