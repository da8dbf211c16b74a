// NumPy's .npz: a zip archive of .npy arrays.
#pragma once

#include <map>
#include <string>

#include "kerata/graph/tensor.h"

namespace kerata::saving {

/// All arrays by name (without ".npy"). Members are stored or deflated; plain numbers only, nothing is unpickled. Every
/// size is checked against the file before memory is taken, and the checksum after. Throws ValueError naming file and
/// member, BackendError when the file cannot be read.
std::map<std::string, Tensor> load_npz(const std::string& path);

/// As numpy.savez() writes it: one stored member "<name>.npy" per array, in order of the names; numpy.load() reads it.
/// The same arrays give the same bytes. Throws ValueError for bfloat16, which NumPy lacks, and for a name that no
/// archive may hold, BackendError when the file cannot be written.
void save_npz(const std::string& path, const std::map<std::string, Tensor>& arrays);

}  // namespace kerata::saving
