// AtomicFile: a file that is there whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kerata::files {

/// A temporary file beside `target` that becomes it at commit(): fsync, rename, fsync of the folder, so that a process
/// or a machine that dies at any moment leaves the old file or the new one. It has the target's permissions, or those
/// of any new file; a symbolic link stays, and the file it leads to is replaced. Destroyed without commit(): removed,
/// and the target is as it was. Throws BackendError naming the path and the system's reason.
///
/// A killed process leaves its temporary file, ".<name>.<16 hex digits>.tmp". commit() removes such leftovers of its
/// target once nobody has written to them for an hour; a file of another process that is still saving is younger.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Write here (the file exists, empty), and close it before commit().
  const std::string& path() const { return path_; }
  void commit();

 private:
  std::string target_, path_;
  bool committed_ = false;
};

/// So many hexadecimal digits, for names that nobody else gives.
constexpr std::size_t kRandomWord = 16;
std::string random_word();
/// The folder that holds a file: "." for a name alone.
std::filesystem::path folder_of(const std::filesystem::path& file);
/// Whether nobody has written to a regular file for an hour: what a killed process left.
bool is_stale(const std::filesystem::path& file);

/// A whole file with this content.
void write_atomically(const std::string& target, std::string_view content);
/// A whole copy of a file.
void copy_atomically(const std::string& from, const std::string& target);

}  // namespace kerata::files
