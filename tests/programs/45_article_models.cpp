// S3 (A.7 104): MLP 5-4-3-1; wide and deep; the same with two inputs; and with two outputs.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::california_housing::load_data();
  Tensor x_train = data.x_train.slice({.stop = 1000}) / 1000.0, y_train = data.y_train.slice({.stop = 1000});
  Tensor x_test = data.x_test.slice({.stop = 500}) / 1000.0, y_test = data.y_test.slice({.stop = 500});

  Sequential mlp({Input(x_train.shape().from(1)), Dense(5, {.activation = "relu"}), Dense(4, {.activation = "relu"}),
                  Dense(3, {.activation = "relu"}), Dense(1)});
  mlp.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  History model_training = mlp.fit(x_train, y_train, {.epochs = 2, .validation_data = {x_test, y_test}});
  double mse_test_set = mlp.evaluate(x_test, y_test);

  auto deep_path = [](const Tensor& input) {
    Tensor hidden_layer_1 = Dense(5, {.activation = "relu"})(input);
    Tensor hidden_layer_2 = Dense(4, {.activation = "relu"})(hidden_layer_1);
    return Dense(3, {.activation = "relu"})(hidden_layer_2);
  };
  Tensor input_layer = Input(x_train.shape().from(1));
  Tensor concat = Concatenate()({input_layer, deep_path(input_layer)});
  Model wide_and_deep({input_layer}, {Dense(1)(concat)});

  Tensor input_wide = Input({5}, {.name = "wide"}), input_deep = Input({6}, {.name = "deep"});
  Tensor hidden_layer_3 = deep_path(input_deep);
  Tensor output_1 = Dense(1, {.name = "output_1"})(Concatenate()({input_wide, hidden_layer_3}));
  Tensor output_2 = Dense(1, {.name = "output_2"})(hidden_layer_3);
  Model two_inputs({input_wide, input_deep}, {output_1});
  Model two_outputs({input_wide, input_deep}, {output_1, output_2});
  two_outputs.compile({.optimizer = "sgd",
                       .loss = {"mean_squared_error", "mean_squared_error"},
                       .loss_weights = {0.9, 0.1}});

  Tensor wide = x_train.slice({.axis = 1, .stop = 5}), deep = x_train.slice({.axis = 1, .start = 2});
  two_outputs.fit({wide, deep}, {y_train, y_train}, {.epochs = 2});
  auto [y_1_to_predict, y_2_to_predict] = two_outputs.predict_all({wide, deep}).unpack<2>();
  return mse_test_set > 0 && y_1_to_predict.rank() == y_2_to_predict.rank() ? 0 : 1;
}
