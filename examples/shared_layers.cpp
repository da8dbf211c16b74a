// Are two lists of numbers the same? One Embedding and one LSTM read both, with the same weights.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  utils::set_random_seed(7);
  const Dim samples = 2000, length = 4, numbers = 5;
  // Half of the pairs hold the same list twice, half two lists drawn apart.
  Tensor left_data = random::randint({samples, length}, 1, numbers);
  Tensor other = random::randint({samples / 2, length}, 1, numbers);
  Tensor right_data = ops::concatenate({left_data.slice({.stop = samples / 2}), other});
  Tensor same = ops::concatenate({ops::ones({samples / 2, 1}), ops::zeros({samples / 2, 1})});

  Embedding embedding(numbers, 8);
  LSTM reader(16);
  Tensor left = Input({length}, {.dtype = "int32", .name = "left"});
  Tensor right = Input({length}, {.dtype = "int32", .name = "right"});
  Tensor code_left = reader(embedding(left)), code_right = reader(embedding(right));
  Tensor distance = ops::square(code_left - code_right);  // operators and ops make graph nodes too
  Model model({left, right}, Dense(1, {.activation = "sigmoid"})(distance));
  model.summary();

  // A second model over the same layers: its weights are the trained ones.
  Model encoder(left, code_left, {.name = "encoder"});

  model.compile({.optimizer = optimizers::Adam(0.01), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit({left_data, right_data}, same, {.epochs = 10});

  Scores scores = model.evaluate({left_data, right_data}, same, {.verbose = 0});
  std::cout << "Accuracy " << scores["accuracy"] << ", " << model.count_params()
            << " parameters, of which the encoder has " << encoder.count_params() << '\n';
  std::cout << "The code of the first list: " << encoder.predict(left_data.slice({.stop = 1}), {.verbose = 0}) << '\n';
  return scores["accuracy"] > 0.9 ? 0 : 1;
}
