// S1 (A.7 97, X5 to X8): IMDB reviews, plain against L2 against dropout.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

Tensor multi_hot(const Tensor& reviews) {  // (n, length) -> (n, 10000)
  std::vector<float> rows(static_cast<std::size_t>(reviews.shape()[0] * 10000));
  const std::vector<int> words = reviews.to_vector<int>();
  const std::size_t length = static_cast<std::size_t>(reviews.shape()[1]);
  for (std::size_t i = 0; i < words.size(); ++i) rows[i / length * 10000 + static_cast<std::size_t>(words[i])] = 1;
  return Tensor::from_span<float>(rows, {reviews.shape()[0], 10000});
}

Model reviewer(const AnyRegularizer& penalty, double rate) {
  Tensor inputs = Input({10000});
  Tensor x = Dense(16, {.activation = "relu", .kernel_regularizer = penalty})(inputs);
  x = Dropout(rate)(x);
  x = Dense(16, {.activation = "relu", .kernel_regularizer = penalty})(x);
  x = Dropout(rate)(x);
  return Model(inputs, Dense(1, {.activation = "sigmoid"})(x));
}

int main() {
  auto imdb = datasets::imdb::load_data({.num_words = 10000});
  Tensor x = multi_hot(imdb.x_train.slice({.stop = 500})), y = imdb.y_train.slice({.stop = 500}).cast("float32");

  std::vector<Model> candidates = {reviewer({}, 0), reviewer(regularizers::l2(0.001), 0), reviewer({}, 0.5)};
  for (Model& model : candidates) {
    model.compile({.optimizer = "rmsprop", .loss = "binary_crossentropy", .metrics = {"acc"}});
    History history = model.fit(x, y, {.batch_size = 100, .epochs = 2, .validation_split = 0.4});
    std::cout << history["val_loss"].back() << '\n';
  }
}
