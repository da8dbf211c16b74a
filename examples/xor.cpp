// The smallest problem that a single layer cannot solve.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  utils::set_random_seed(1);
  Tensor x = ops::array({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  Tensor y = ops::array({{0}, {1}, {1}, {0}});

  Sequential model({Input({2}), Dense(8, {.activation = "tanh"}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = optimizers::SGD(0.1), .loss = "binary_crossentropy"});
  History history = model.fit(x, y, {.batch_size = 1, .epochs = 1000, .verbose = 0});
  std::cout << "Loss after the first epoch " << history["loss"].front() << ", after the last " << history["loss"].back()
            << '\n';

  const std::vector<float> answers = model.predict(x, {.verbose = 0}).to_vector<float>();
  const std::vector<float> targets = y.to_vector<float>();
  bool learned = true;
  for (Dim i = 0; i < 4; ++i) {
    const auto row = static_cast<std::size_t>(i);
    std::cout << x[i] << " -> " << answers[row] << '\n';
    learned = learned && (answers[row] > 0.5f) == (targets[row] > 0.5f);
  }
  return learned ? 0 : 1;
}
