// Film reviews, read word by word: an embedding that masks the padding, and an LSTM.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  const Dim num_words = 5000, length = 80;
  auto reviews = datasets::imdb::load_sequences({.num_words = num_words});
  Tensor x_train = utils::pad_sequences(reviews.x_train, {.maxlen = length});
  Tensor x_test = utils::pad_sequences(reviews.x_test, {.maxlen = length});

  Tensor words = Input({length}, {.dtype = "int32", .name = "words"});
  Tensor x = Embedding(num_words, 32, {.mask_zero = true})(words);
  x = LSTM(32)(x);
  Tensor positive = Dense(1, {.activation = "sigmoid", .name = "positive"})(x);
  Model model(words, positive, {.name = "sentiment"});
  model.summary();

  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(x_train, reviews.y_train, {.epochs = 4, .validation_data = {x_test, reviews.y_test}});

  Tensor first = model.predict(x_test.slice({.stop = 5}), {.verbose = 0});
  for (Dim i = 0; i < 5; ++i) {
    std::cout << "Review " << i << ": " << first[i].item() << " positive, labelled " << reviews.y_test[i].item()
              << '\n';
  }
  return model.evaluate(x_test, reviews.y_test, {.verbose = 0})["accuracy"] > 0.7 ? 0 : 1;
}
