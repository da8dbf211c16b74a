// AtomicFile: a file that is there whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace kerata::saving {

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

/// A whole file with this content.
void write_atomically(const std::string& target, std::string_view content);
/// A whole copy of a file.
void copy_atomically(const std::string& from, const std::string& target);

}  // namespace kerata::saving
