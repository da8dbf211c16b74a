// S2 (A.7 100), S3: layers first, connections after; a bare .loss as evaluate's result.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::california_housing::load_data();
  Tensor x_train = data.x_train.slice({.stop = 3000}), y_train = data.y_train.slice({.stop = 3000});
  Tensor x_test = data.x_test.slice({.stop = 500}), y_test = data.y_test.slice({.stop = 500});

  Normalization normalization_layer;
  Dense hidden_layer1(30, {.activation = "relu"}), hidden_layer2(30, {.activation = "relu"});
  Concatenate concat_layer;
  Dense output_layer(1);

  Tensor input = Input(x_train.shape().from(1));
  Tensor normalized = normalization_layer(input);
  Tensor hidden1 = hidden_layer1(normalized);
  Tensor hidden2 = hidden_layer2(hidden1);
  Tensor concat = concat_layer({normalized, hidden2});
  Tensor output = output_layer(concat);

  Model model({input}, {output});
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  normalization_layer.adapt(x_train);
  History model_training = model.fit(x_train, y_train, {.epochs = 2, .validation_split = 0.1});
  double mse_test_set = model.evaluate(x_test, y_test);
  Tensor y_to_predict = model.predict(x_test.slice({.stop = 3}));
  return mse_test_set < 3 && y_to_predict.rank() == 2 ? 0 : 1;
}
