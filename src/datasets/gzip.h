// GzipFile: reads a gzip file (or a plain one) piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kerata::datasets {

class GzipFile {
 public:
  explicit GzipFile(const std::string& path);
  ~GzipFile();
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  /// Exactly `count` bytes; throws BackendError when the file ends before, or is damaged.
  void read(void* to, std::size_t count);
  /// Up to `count` bytes; 0 at the end.
  std::size_t read_some(void* to, std::size_t count);
  /// The most bytes that an honest file of this size holds when unpacked.
  std::uint64_t largest_content() const;
  /// Throws BackendError unless everything has been read.
  void expect_end();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  void* file_;
  std::uint64_t packed_size_ = 0, position_ = 0;
};

}  // namespace kerata::datasets
