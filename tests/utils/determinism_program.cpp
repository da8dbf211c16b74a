// determinism_program MODEL [deterministic | values]: trains a small model and prints its weights: a hash of their
// bits, or the numbers.
#include <kerata/kerata.h>

#include <cstdio>
#include <cstring>
#include <string>
using namespace kerata;
using namespace kerata::layers;

Model make(const std::string& kind) {
  if (kind == "dense") {
    return Sequential({Input({256}), Dense(700, {.activation = "relu"}), BatchNormalization(), Dropout(0.3),
                       Dense(100, {.activation = "tanh"}), Dense(10, {.activation = "softmax"})});
  }
  if (kind == "conv") {
    return Sequential({Input({256}), Reshape({16, 16, 1}), Conv2D(16, 3, {.activation = "relu"}), MaxPooling2D(2),
                       Conv2D(32, 3, {.padding = "same", .activation = "relu"}), GlobalAveragePooling2D(),
                       Dense(10, {.activation = "softmax"})});
  }
  return Sequential({Input({256}), Reshape({16, 16}), LSTM(40), Dense(10, {.activation = "softmax"})});
}

int main(int argc, char** argv) {
  utils::set_random_seed(11);
  const std::string mode = argc > 2 ? argv[2] : "";
  if (mode == "deterministic") utils::enable_op_determinism();
  Tensor x = random::normal({200, 256}), y = random::randint({200}, 0, 10);
  Model model = make(argc > 1 ? argv[1] : "dense");
  model.compile({.optimizer = mode == "values" ? "sgd" : "adam",
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 3, .verbose = 0});
  for (const Variable& weight : model.weights()) {
    if (mode == "values") {
      for (float value : weight.value().to_vector<float>()) std::printf("%.9g\n", static_cast<double>(value));
      continue;
    }
    std::uint64_t hash = 1469598103934665603u;  // FNV-1a
    for (float value : weight.value().to_vector<float>()) {
      std::uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      hash = (hash ^ bits) * 1099511628211u;
    }
    std::printf("%s %016llx\n", weight.path().c_str(), static_cast<unsigned long long>(hash));
  }
}
