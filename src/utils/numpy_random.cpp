#include "kerata/utils/numpy_random.h"

#include <numeric>
#include <random>

#include "core/require.h"
#include "utils/shuffle.h"

namespace kerata::utils {

struct NumpyRandom::State {
  std::mt19937 engine;
};

NumpyRandom::NumpyRandom(std::uint32_t seed) : state_(std::make_shared<State>()) { state_->engine.seed(seed); }

Tensor NumpyRandom::rand(const Shape& shape) {
  require<ShapeError>(shape.is_known(), "NumpyRandom.rand", "Expected known sizes, received ", shape, ".");
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (float& value : values) {
    const std::uint32_t high = state_->engine() >> 5, low = state_->engine() >> 6;  // 27 and 26 bits
    value = static_cast<float>((high * 67108864.0 + low) / 9007199254740992.0);
  }
  return Tensor::from_span<float>(values, shape);
}

Tensor NumpyRandom::permutation(Dim count) {
  require<ValueError>(count >= 0, "NumpyRandom.permutation", "Expected count >= 0, received ", count, ".");
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  numpy_shuffle(order, state_->engine);
  return Tensor::from_span<std::int64_t>(order, {count});
}

}  // namespace kerata::utils
