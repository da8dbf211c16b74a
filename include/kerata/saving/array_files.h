// Arrays in files: what numpy.load, save and savez read and write, and tables of numbers.
#pragma once

#include <string>

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata::utils {

/// The arrays of a file, by its suffix: .npy one array; .npz and .safetensors arrays by name, in order of the names;
/// .csv a table of numbers, float32 (rows, columns), with or without a line of headings. Nothing is unpickled. Throws
/// ValueError naming file and place for another suffix and for damaged files, BackendError when it cannot be read.
Tensors load_arrays(const std::string& path);
/// The one array of a file; throws ValueError when there are several, or none.
Tensor load_array(const std::string& path);

/// Writes arrays by the suffix of the file: one array to .npy or .csv (a row for each element of axis 0), any number of
/// named ones (unnamed: arr_0, arr_1, ... as numpy.savez() calls them) to .npz or .safetensors. The file is there whole
/// or not at all. Throws ValueError for another suffix or number and for equal names, StateError for a symbolic tensor,
/// BackendError when it cannot be written.
void save_arrays(const std::string& path, const Tensors& arrays);

}  // namespace kerata::utils

#pragma GCC visibility pop
