// Files by the system's calls, so that every failure is seen and named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kerata::files {

/// Throws BackendError "[saving] Cannot <action> <path>: <the system's reason>." for the last failed call.
[[noreturn]] void fail_system(std::string_view action, const std::string& path);

/// An open file that closes itself.
class FileHandle {
 public:
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  ~FileHandle();
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  /// False when the system reports an error, as a full disk.
  bool close();

 private:
  int descriptor_;
};

/// A regular file, read at any place. Throws BackendError.
class InputFile {
 public:
  explicit InputFile(std::string path);
  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// Exactly `count` bytes from `offset`.
  void read_at(std::uint64_t offset, void* to, std::size_t count) const;
  std::string read_at(std::uint64_t offset, std::size_t count) const;

 private:
  std::string path_;
  FileHandle file_;
  std::uint64_t size_ = 0;
};

/// A file written from its beginning; an existing one is emptied. Throws BackendError.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  const std::string& path() const { return path_; }
  std::uint64_t position() const { return position_; }
  void write(const void* bytes, std::size_t count);
  void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
  /// Replaces what was written at `offset`.
  void rewrite(std::uint64_t offset, std::string_view bytes);
  void close();

 private:
  std::string path_;
  FileHandle file_;
  std::uint64_t position_ = 0;
};

}  // namespace kerata::files
