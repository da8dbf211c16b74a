#include "datasets/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>

#include "core/require.h"

namespace kerata::datasets {

GzipFile::GzipFile(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
  require<BackendError>(file_ != nullptr, "datasets", "Cannot open ", path, ".");
  std::error_code error;
  packed_size_ = std::filesystem::file_size(path, error);
  if (error) packed_size_ = 0;
}

GzipFile::~GzipFile() { gzclose(static_cast<gzFile>(file_)); }

std::uint64_t GzipFile::largest_content() const {
  // Deflate cannot shrink below 1 / 1032; data sets shrink less than 1 / 100, small files may shrink more.
  constexpr std::uint64_t kDeflateLimit = 1032, kBombRatio = 100, kBombFloor = std::uint64_t{64} << 20;
  return std::min(packed_size_ * kDeflateLimit, std::max(packed_size_ * kBombRatio, kBombFloor));
}

std::size_t GzipFile::read_some(void* to, std::size_t count) {
  const int got = gzread(static_cast<gzFile>(file_), to, static_cast<unsigned>(std::min<std::size_t>(count, 1u << 30)));
  int code = Z_OK;
  const char* text = gzerror(static_cast<gzFile>(file_), &code);
  require<BackendError>(got >= 0 && (code == Z_OK || code == Z_STREAM_END), "datasets", path_,
                        " is damaged after byte ", position_, " of its content: ", text, ".");
  position_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

void GzipFile::read(void* to, std::size_t count) {
  auto* bytes = static_cast<char*>(to);
  for (std::size_t done = 0; done < count;) {
    const std::size_t got = read_some(bytes + done, count - done);
    require<BackendError>(got > 0, "datasets", path_, " ends too early. Expected ", count - done,
                          " more bytes after byte ", position_, " of its content, received none.");
    done += got;
  }
}

void GzipFile::expect_end() {
  char extra;
  require<BackendError>(read_some(&extra, 1) == 0, "datasets", path_, " is longer than its header says. Expected ",
                        position_ - 1, " bytes of content, received more.");
}

}  // namespace kerata::datasets
