// Reproducible runs.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// Sets the one global seed, from which every random op without a seed of its own takes its stream. The same seed
/// gives the same run at the same number of threads (with convolutions on a GPU: after enable_op_determinism()).
/// Source: keras.utils.set_random_seed.
void set_random_seed(std::int64_t seed);

/// From now on results are bit-equal also across numbers of threads: matrix products are computed in an order that
/// does not depend on them, which costs speed; on a GPU cuDNN's engines that add in any order are passed over. Source:
/// tf.config.experimental.enable_op_determinism.
void enable_op_determinism();

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
