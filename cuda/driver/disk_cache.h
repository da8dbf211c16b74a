// Compiled kernels on disk, by what they were compiled from.
#pragma once

#include <string>

namespace kerata::cuda {

/// Empty when there is none; what is damaged, or of another key with the same hash, counts as none.
std::string read_cached(const std::string& key);
/// Does nothing where the folder cannot be written.
void write_cached(const std::string& key, const std::string& code);

}  // namespace kerata::cuda
