#include "saving/hdf5_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/require.h"

namespace kerata::saving {

Hdf5Bytes::Hdf5Bytes(const Hdf5Source& source)
    : label_(source.label.empty() ? source.path : source.label), offset_(source.offset) {
  // Not blocking: opening a pipe would wait for a writer for ever.
  descriptor_ = ::open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail<BackendError>("HDF5", source.path, " cannot be opened: ", std::strerror(errno), ".");
  struct stat status {};
  const bool is_file = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  const std::uint64_t file_size = is_file ? static_cast<std::uint64_t>(status.st_size) : 0;
  const bool fits = offset_ <= file_size && source.size <= file_size - offset_;
  if (!is_file || !fits) ::close(descriptor_);
  require<ValueError>(is_file, "HDF5", source.path, " is not a file.");
  require<ValueError>(fits, "HDF5", label_, " is cut off. Expected ", source.size, " bytes at ", offset_,
                      ", received a file of ", file_size, " bytes.");
  size_ = source.size ? source.size : file_size - offset_;
}

Hdf5Bytes::~Hdf5Bytes() { ::close(descriptor_); }

bool Hdf5Bytes::read(std::uint64_t address, std::size_t count, void* to) const noexcept {
  if (!contains(address, count)) return false;
  auto* next = static_cast<char*>(to);
  auto position = static_cast<off_t>(offset_ + address);
  while (count > 0) {
    const ssize_t done = ::pread(descriptor_, next, count, position);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    next += done;
    position += done;
    count -= static_cast<std::size_t>(done);
  }
  return true;
}

}  // namespace kerata::saving
