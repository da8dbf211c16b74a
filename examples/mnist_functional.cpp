// The main job: handwritten digits, learned by a model of the functional API.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data();
  x_train = x_train.reshape({-1, 784}).cast("float32") / 255.0;
  x_test = x_test.reshape({-1, 784}).cast("float32") / 255.0;
  std::cout << x_train.shape()[0] << " digits to learn from, " << x_test.shape()[0] << " to test with\n";

  Tensor inputs = Input({784}, {.name = "img"});
  Tensor x = Dense(64, {.activation = "relu"})(inputs);
  x = Dense(64, {.activation = "relu"})(x);
  Tensor outputs = Dense(10, {.activation = "softmax"})(x);
  Model model(inputs, outputs, {.name = "mnist_model"});
  model.summary();

  model.compile(
      {.optimizer = optimizers::RMSprop(), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(x_train, y_train, {.batch_size = 64, .epochs = 5, .validation_split = 0.2});

  Scores scores = model.evaluate(x_test, y_test, {.verbose = 2});
  std::cout << "Test loss: " << scores[0] << "\nTest accuracy: " << scores["accuracy"] << '\n';

  Tensor probabilities = model.predict(x_test.slice({.stop = 5}), {.verbose = 0});
  const std::vector<int> digits = probabilities.argmax(-1).to_vector<int>();
  const std::vector<int> labels = y_test.slice({.stop = 5}).to_vector<int>();
  for (std::size_t i = 0; i < digits.size(); ++i) {
    std::cout << "Predicted " << digits[i] << ", labelled " << labels[i] << '\n';
  }
  return scores["accuracy"] > 0.9 ? 0 : 1;
}
