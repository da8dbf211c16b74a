#include "support/archive.h"

#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace kerata::test {
namespace {

std::string inflated(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw std::runtime_error("cannot open " + path);
  std::string text;
  std::vector<char> buffer(1 << 20);
  for (int count = 0; (count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  gzclose(file);
  return text;
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "kerata_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make the folder " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// Blocks of 512 bytes: before each file a header with its name at 0 and its size, in octal digits, at 124.
void unpack(const std::string& tar_gz, const std::filesystem::path& folder) {
  constexpr std::size_t kBlock = 512;
  const std::string tar = inflated(tar_gz);
  for (std::size_t at = 0; at + kBlock <= tar.size() && tar[at] != '\0';) {
    const std::string name = tar.substr(at, 100).c_str();
    const std::size_t size = std::strtoull(tar.substr(at + 124, 11).c_str(), nullptr, 8);
    std::ofstream(folder / name, std::ios::binary) << tar.substr(at + kBlock, size);
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
}

}  // namespace kerata::test
