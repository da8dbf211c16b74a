// NumPy's .npz: a zip archive of .npy arrays.
#pragma once

#include <map>
#include <string>

#include "kerata/graph/tensor.h"

namespace kerata::datasets {

/// All arrays by name (without ".npy"). Members are stored or deflated; plain numbers only, nothing is unpickled. Every
/// size is checked against the file before memory is taken, and the checksum after. Throws BackendError naming file
/// and member.
std::map<std::string, Tensor> read_npz(const std::string& path);

}  // namespace kerata::datasets
