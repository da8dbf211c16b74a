#include "files/atomic_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/require.h"
#include "files/file_io.h"

namespace kerata::files {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".tmp";
constexpr auto kStaleAfter = std::chrono::hours(1);

/// Where a chain of symbolic links leads; the end need not exist.
fs::path follow_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux
  fs::path place = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(place, error)); ++links) {
    require<BackendError>(links < kMostLinks, "saving", "Cannot write ", path, ": too many symbolic links.");
    const fs::path link = fs::read_symlink(place, error);
    require<BackendError>(!error, "saving", "Cannot write ", path, ": ", error.message(), ".");
    place = place.parent_path() / link;  // an absolute link replaces the folder
  }
  return place;
}

/// Of the temporary file's name; file systems allow 255 bytes.
std::string beginning_of(const fs::path& target) {
  return join_text('.', target.filename().string().substr(0, 200), '.');
}

/// The target's permissions, or -1 when it does not exist.
int permissions_of(const std::string& target) {
  struct stat info {};
  if (::stat(target.c_str(), &info) != 0) {
    if (errno == ENOENT) return -1;
    fail_system("write", target);
  }
  require<BackendError>(S_ISREG(info.st_mode), "saving", "Cannot write ", target, ": it is ",
                        S_ISDIR(info.st_mode) ? "a folder." : "no regular file.");
  if (::access(target.c_str(), W_OK) != 0) fail_system("write", target);  // a rename would not ask
  return static_cast<int>(info.st_mode & 0777);
}

void sync_to_disk(const std::string& path, int flags) {
  FileHandle file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.is_open()) fail_system("open", path);
  // Some file systems have no fsync for folders.
  if (::fsync(file.get()) != 0 && !((flags & O_DIRECTORY) && errno == EINVAL)) fail_system("write", path);
  if (!file.close()) fail_system("write", path);
}

bool is_leftover(const std::string& name, const std::string& beginning) {
  if (name.size() != beginning.size() + kRandomWord + kEnding.size()) return false;
  if (!name.starts_with(beginning) || !name.ends_with(kEnding)) return false;
  const std::string digits = name.substr(beginning.size(), kRandomWord);
  return digits.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Saving succeeded: what goes wrong here is no error.
void remove_leftovers(const fs::path& target) {
  std::error_code error;
  std::vector<fs::path> stale;
  for (fs::directory_iterator entry(folder_of(target), error), end; !error && entry != end; entry.increment(error)) {
    if (is_leftover(entry->path().filename().string(), beginning_of(target)) && is_stale(entry->path()))
      stale.push_back(entry->path());
  }
  for (const fs::path& path : stale) fs::remove(path, error);
}

}  // namespace

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

std::string random_word() {
  std::uint64_t word = 0;
  if (::getrandom(&word, sizeof word, 0) != sizeof word) fail_system("draw random bytes for", "a temporary file");
  std::string digits;
  for (std::size_t i = 0; i < kRandomWord; ++i, word >>= 4) digits += "0123456789abcdef"[word & 15];
  return digits;
}

bool is_stale(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) &&
         fs::last_write_time(file, error) < fs::file_time_type::clock::now() - kStaleAfter && !error;
}

AtomicFile::AtomicFile(const std::string& target) {
  const fs::path place = follow_links(target);
  require<BackendError>(place.has_filename(), "saving", "Cannot write ", target, ": it names no file.");
  target_ = place.string();
  const int permissions = permissions_of(target_);
  const mode_t mode = permissions < 0 ? 0666 : static_cast<mode_t>(permissions);
  for (;;) {
    path_ = (folder_of(place) / (beginning_of(place) + random_word() + std::string(kEnding))).string();
    FileHandle file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.is_open() && errno == EEXIST) continue;
    if (!file.is_open()) fail_system("write", target_);
    if (permissions >= 0 && ::fchmod(file.get(), mode) != 0) {  // without the umask
      ::unlink(path_.c_str());
      fail_system("set the permissions of", target_);
    }
    return;
  }
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(path_.c_str());
}

void AtomicFile::commit() {
  sync_to_disk(path_, O_RDONLY);
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail_system("write", target_);
  committed_ = true;
  sync_to_disk(folder_of(target_).string(), O_RDONLY | O_DIRECTORY);
  remove_leftovers(target_);
}

void write_atomically(const std::string& target, std::string_view content) {
  AtomicFile file(target);
  OutputFile output(file.path());
  output.write(content);
  output.close();
  file.commit();
}

void copy_atomically(const std::string& from, const std::string& target) {
  constexpr std::size_t kPiece = 1 << 20;
  const InputFile input(from);
  AtomicFile file(target);
  OutputFile output(file.path());
  std::string piece;
  for (std::uint64_t done = 0; done < input.size(); done += piece.size()) {
    piece = input.read_at(done, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, input.size() - done)));
    output.write(piece);
  }
  output.close();
  file.commit();
}

}  // namespace kerata::files
