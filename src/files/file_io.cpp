#include "files/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/require.h"

namespace kerata::files {

void fail_system(std::string_view action, const std::string& path) {
  const std::string reason = std::generic_category().message(errno);
  fail<BackendError>("saving", "Cannot ", action, " ", path, ": ", reason, ".");
}

FileHandle::~FileHandle() { close(); }

bool FileHandle::close() {
  if (!is_open()) return true;
  const bool closed = ::close(descriptor_) == 0;
  descriptor_ = -1;
  return closed;
}

// O_NONBLOCK: a named pipe would otherwise wait for a writer.
InputFile::InputFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!file_.is_open()) fail_system("open", path_);
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) fail_system("look at", path_);
  require<BackendError>(S_ISREG(info.st_mode), "saving", "Cannot read ", path_, ": it is ",
                        S_ISDIR(info.st_mode) ? "a folder." : "no regular file.");
  size_ = static_cast<std::uint64_t>(info.st_size);
}

void InputFile::read_at(std::uint64_t offset, void* to, std::size_t count) const {
  for (auto* bytes = static_cast<char*>(to); count > 0;) {
    const ssize_t got = ::pread(file_.get(), bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_system("read", path_);
    require<BackendError>(got > 0, "saving", path_, " ends too early. Expected ", count, " more bytes at byte ", offset,
                          ".");
    bytes += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
}

std::string InputFile::read_at(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  read_at(offset, bytes.data(), count);
  return bytes;
}

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) fail_system("write", path_);
}

void OutputFile::write(const void* bytes, std::size_t count) {
  for (const auto* rest = static_cast<const char*>(bytes); count > 0;) {
    const ssize_t done = ::write(file_.get(), rest, count);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail_system("write", path_);
    rest += done;
    position_ += static_cast<std::uint64_t>(done);
    count -= static_cast<std::size_t>(done);
  }
}

void OutputFile::rewrite(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail_system("write", path_);
    offset += static_cast<std::uint64_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void OutputFile::close() {
  if (!file_.close()) fail_system("write", path_);
}

}  // namespace kerata::files
