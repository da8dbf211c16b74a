// TemporaryFile: a name for a file that is gone afterwards.
#pragma once

#include <string>

namespace kerata::files {

/// An empty file in the system's folder for such files, removed by the destructor. Throws BackendError.
class TemporaryFile {
 public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kerata::files
