// Class labels as vectors.
#pragma once

#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace utils {

/// Integer labels (n,) or (n, 1) or (..., n) -> one-hot (..., n, num_classes) float32; num_classes -1: the largest
/// label + 1. Throws ValueError for a label outside [0, num_classes). Source: keras.utils.to_categorical.
Tensor to_categorical(const Tensor& labels, Dim num_classes = -1);

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
