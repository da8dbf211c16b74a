// The IDX format of MNIST's files.
#pragma once

#include <string>

#include "kerata/graph/tensor.h"

namespace kerata::datasets {

/// A file of unsigned bytes with `rank` axes, gzipped or not -> uint8 tensor. Throws BackendError naming file and
/// place; nothing is allocated before the declared size was compared with the file's. Source:
/// yann.lecun.com/exdb/mnist.
Tensor read_idx(const std::string& path, Dim rank);

}  // namespace kerata::datasets
