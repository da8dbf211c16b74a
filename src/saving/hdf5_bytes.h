// Hdf5Bytes: the bytes of an HDF5 file, which may be a part of another file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "saving/hdf5_file.h"

namespace kerata::saving {

/// An open file, or a range of one; addresses count from the start of the range. Throws BackendError naming path and
/// reason when it cannot be opened, ValueError when the range does not lie in it.
class Hdf5Bytes {
 public:
  explicit Hdf5Bytes(const Hdf5Source& source);
  ~Hdf5Bytes();
  Hdf5Bytes(const Hdf5Bytes&) = delete;
  Hdf5Bytes& operator=(const Hdf5Bytes&) = delete;

  std::uint64_t size() const { return size_; }
  /// What messages call the file.
  const std::string& label() const { return label_; }
  bool contains(std::uint64_t address, std::uint64_t count) const {
    return address <= size_ && count <= size_ - address;
  }
  /// False when a byte lies outside, or the system cannot read; called back from C, so it never throws.
  bool read(std::uint64_t address, std::size_t count, void* to) const noexcept;

 private:
  std::string label_;
  int descriptor_ = -1;
  std::uint64_t offset_ = 0, size_ = 0;
};

}  // namespace kerata::saving
