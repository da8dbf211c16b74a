#include "files/temporary_file.h"

#include <unistd.h>
#include <cstdlib>
#include <filesystem>

#include "files/file_io.h"

namespace kerata::files {

TemporaryFile::TemporaryFile() : path_((std::filesystem::temp_directory_path() / "kerata.XXXXXX").string()) {
  FileHandle file(::mkstemp(path_.data()));
  if (!file.is_open()) fail_system("make a temporary file", path_);
}

TemporaryFile::~TemporaryFile() { ::unlink(path_.c_str()); }

}  // namespace kerata::files
