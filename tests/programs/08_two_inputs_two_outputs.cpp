// S2 (A.7 101), S3 (104): two inputs, an auxiliary output, losses as list or by name.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_train, y_train, x_test, y_test] = datasets::california_housing::load_data();
  auto wide_part = [](const Tensor& x) { return x.slice({.axis = 1, .stop = 5}); };  // X[:, :5]
  auto deep_part = [](const Tensor& x) { return x.slice({.axis = 1, .start = 2}); };  // X[:, 2:]
  Tensor x_train_wide = wide_part(x_train), x_train_deep = deep_part(x_train);
  Tensor x_test_wide = wide_part(x_test), x_test_deep = deep_part(x_test);

  Tensor input_wide = Input({5}, {.name = "wide"}), input_deep = Input({6}, {.name = "deep"});
  Normalization norm_layer_wide, norm_layer_deep;
  Tensor norm_wide = norm_layer_wide(input_wide), norm_deep = norm_layer_deep(input_deep);
  Tensor hidden1 = Dense(30, {.activation = "relu"})(norm_deep);
  Tensor hidden2 = Dense(30, {.activation = "relu"})(hidden1);
  Tensor output = Dense(1, {.name = "output"})(concatenate({norm_wide, hidden2}));
  Tensor aux_output = Dense(1, {.name = "aux_output"})(hidden2);
  Model model({input_wide, input_deep}, {output, aux_output});

  model.compile({.optimizer = optimizers::Adam(1e-3),
                 .loss = {"mse", "mse"},
                 .loss_weights = {0.9, 0.1},
                 .metrics = {"RootMeanSquaredError"}});
  model.compile({.optimizer = "adam",  // the same by name
                 .loss = {{"output", "mse"}, {"aux_output", "mse"}},
                 .loss_weights = {{"output", 0.9}, {"aux_output", 0.1}},
                 .metrics = {{"output", {"mae", metrics::RootMeanSquaredError()}}, {"aux_output", "mae"}}});
  norm_layer_wide.adapt(x_train_wide);
  norm_layer_deep.adapt(x_train_deep);
  model.fit({x_train_wide, x_train_deep}, {y_train, y_train},
            {.epochs = 2, .validation_data = {{x_test_wide, x_test_deep}, {y_test, y_test}}});

  Scores results = model.evaluate({x_test_wide, x_test_deep}, {y_test, y_test});
  std::cout << results["loss"] << ' ' << results["aux_output_loss"] << '\n';

  auto [y_pred_main, y_pred_aux] = model.predict_all({x_test_wide, x_test_deep}).unpack<2>();
  Tensors by_name = model.predict_all({{"wide", x_test_wide}, {"deep", x_test_deep}});
  std::cout << y_pred_main.shape() << y_pred_aux.shape() << by_name["aux_output"].shape() << '\n';
}
