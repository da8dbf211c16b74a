// One sample at a time into the caller's memory: no allocation after make_predictor.
#include <array>
#include <cmath>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

void train_elsewhere() {
  Tensor image = Input({784});
  Model(image, Dense(10, {.activation = "softmax"})(Dense(300, {.activation = "relu"})(image))).save("policy.keras");
  Tensor board = Input({19, 19, 6});
  Tensor flat = Flatten()(board);
  Model(board, {Dense(362, {.activation = "softmax"})(flat), Dense(1, {.activation = "tanh"})(flat)}).save("go.keras");
}

int main() {
  train_elsewhere();
  const Model model = load_model("policy.keras");
  const Predictor predict = model.make_predictor();

  std::array<float, 784> pixels{};
  std::vector<float> probabilities(10);
  for (int frame = 0; frame < 1000; ++frame) {
    pixels[0] = static_cast<float>(frame);
    predict(pixels, probabilities);
  }

  const Predictor two_heads = load_model("go.keras").make_predictor();  // several inputs or outputs
  std::vector<float> planes(19 * 19 * 6), policy(362), value(1);
  two_heads({planes}, {policy, value});
  float sum = 0;
  for (float p : probabilities) sum += p;
  return std::abs(sum - 1) < 1e-4f ? 0 : 1;
}
