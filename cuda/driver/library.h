// SharedLibrary: a CUDA library found when it is first needed, so that libkerata starts on machines that have none.
#pragma once

#include <string>
#include <vector>

namespace kerata::cuda {

/// Looks for `file` ("libnvrtc.so.13") in the folders of KERATA_CUDA_LIBRARIES (separated by ':'), then where the
/// loader looks, then in the CUDA toolkit's usual folder.
class SharedLibrary {
 public:
  explicit SharedLibrary(const std::vector<std::string>& files);
  bool is_open() const { return handle_ != nullptr; }
  /// Why it could not be opened: the loader's words for the first name.
  const std::string& error() const { return error_; }
  /// The full path of the file that was opened.
  std::string path() const;
  /// Null when the library has no such function.
  void* find(const char* name) const;

 private:
  void* handle_ = nullptr;  // open until the process ends: its functions may be called from destructors
  std::string error_;
};

}  // namespace kerata::cuda
