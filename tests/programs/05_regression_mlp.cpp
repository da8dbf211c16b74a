// S2 (A.7 99): California housing with a Normalization layer.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_full, y_full, x_test, y_test] = datasets::california_housing::load_data();
  Tensor x_train = x_full.slice({.stop = 2000}), y_train = y_full.slice({.stop = 2000});
  Tensor x_valid = x_full.slice({.start = 15000}), y_valid = y_full.slice({.start = 15000});

  Normalization norm_layer({.input_shape = x_train.shape().from(1)});
  Sequential model({norm_layer, Dense(50, {.activation = "relu"}), Dense(50, {.activation = "relu"}),
                    Dense(50, {.activation = "relu"}), Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 1e-3}),
                 .loss = "mse",
                 .metrics = {"RootMeanSquaredError"}});
  norm_layer.adapt(x_train);

  History history = model.fit(x_train, y_train, {.epochs = 3, .validation_data = {x_valid, y_valid}});
  auto [mse_test, rmse_test] = model.evaluate(x_test, y_test).unpack<2>();
  Tensor y_pred = model.predict(x_test.slice({.stop = 3}));
  return rmse_test < 1.5 && mse_test < 2 && y_pred.size() == 3 ? 0 : 1;
}
