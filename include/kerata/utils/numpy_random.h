// NumPy's legacy generator, for programs that should see the same numbers as their Python original.
#pragma once

#include <memory>

#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// np.random.RandomState(seed). Copies share their state.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed);
  /// np.random.rand: uniform on [0, 1) with 53 bits, rounded to float32.
  Tensor rand(const Shape& shape);
  /// np.random.permutation(count): 0 to count - 1 in random order, int64 (count,).
  Tensor permutation(Dim count);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
