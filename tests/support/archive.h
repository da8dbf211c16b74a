// Archives of test files: .tar.gz, unpacked into a folder that goes away.
#pragma once

#include <filesystem>
#include <string>

namespace kerata::test {

/// A new folder in the system's place for temporary files, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& file) const { return (path_ / file).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Plain files only, in the USTAR form.
void unpack(const std::string& tar_gz, const std::filesystem::path& folder);

}  // namespace kerata::test
