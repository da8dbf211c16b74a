// NVRTC: CUDA C++ text to the code of one architecture, kept on disk.
#pragma once

#include <string>
#include <vector>

namespace kerata::cuda {

/// Compiles for compute capability `capability` (90 for 9.0), for one that is newer than NVRTC to PTX, which the driver
/// compiles on; or takes what an earlier process compiled: files in
/// KERATA_CACHE_DIR, else $XDG_CACHE_HOME/kerata, else ~/.cache/kerata. Throws BackendError with the compiler's log, or
/// when libnvrtc is not there.
std::string compile_source(const std::string& source, const std::vector<std::string>& options, int capability);

/// NVRTC's, 12010 for 12.1. Throws BackendError when libnvrtc is not there.
int compiler_version();

}  // namespace kerata::cuda
