// S2 (A.7 98): Fashion-MNIST, 300-100-10, weights, class names.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_full, y_full, x_test, y_test] = datasets::fashion_mnist::load_data();
  Tensor x_train = x_full.slice({.stop = -500}) / 255.0, y_train = y_full.slice({.stop = -500});
  Tensor x_valid = x_full.slice({.start = -500}) / 255.0, y_valid = y_full.slice({.start = -500});
  x_train = x_train.slice({.stop = 3000}), y_train = y_train.slice({.stop = 3000});
  x_test = x_test / 255.0;
  const std::vector<std::string> class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

  Sequential model({
      Flatten({.input_shape = {28, 28}}),
      Dense(300, {.activation = "relu"}),
      Dense(100, {.activation = "relu"}),
      Dense(10, {.activation = "softmax"}),
  });
  model.summary();
  auto [weights, biases] = model.layers()[1].get_weights().unpack<2>();
  std::cout << weights.shape() << ' ' << biases.shape() << '\n';  // (784, 300) (300,)

  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05}),
                 .loss = losses::sparse_categorical_crossentropy,
                 .metrics = {metrics::sparse_categorical_accuracy}});
  History history = model.fit(x_train, y_train, {.epochs = 2, .validation_data = {x_valid, y_valid}});
  std::cout << history["val_loss"].back() << '\n';

  auto [loss, accuracy] = model.evaluate(x_test, y_test).unpack<2>();
  Tensor y_proba = model.predict(x_test.slice({.stop = 3}));
  std::cout << loss << ' ' << accuracy << '\n' << y_proba.round(2) << '\n';
  for (auto label : y_proba.argmax(-1).to_vector<std::int64_t>()) std::cout << class_names[label] << '\n';
}
