// Random tensors: Philox 4x32-10, the same numbers for any number of threads.
#pragma once

#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace random {

struct Options {
  Choice<DType> dtype = "float32";
  std::int64_t seed = -1;  // -1: next of set_random_seed's stream
};
Tensor uniform(const Shape& shape, double minval = 0, double maxval = 1, const Options& options = {});
Tensor normal(const Shape& shape, double mean = 0, double stddev = 1, const Options& options = {});
/// Normal, drawn again until within two standard deviations.
Tensor truncated_normal(const Shape& shape, double mean = 0, double stddev = 1, const Options& options = {});
/// 1 with probability p, else 0.
Tensor bernoulli(const Shape& shape, double p = 0.5, const Options& options = {});
/// Integers in [minval, maxval).
Tensor randint(const Shape& shape, Dim minval, Dim maxval, const Options& options = {.dtype = "int32"});
/// The rows (axis 0) of x in random order.
Tensor shuffle(const Tensor& x, std::int64_t seed = -1);
/// 0 ... n - 1 in random order, int32.
Tensor permutation(Dim n, std::int64_t seed = -1);

}  // namespace random
}  // namespace kerata

#pragma GCC visibility pop
