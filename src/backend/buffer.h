// Buffer: memory of one tensor (or of several that are views on it).
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "kerata/core/device.h"

namespace kerata {

/// Aligned memory on one device; content undefined when made.
class Buffer {
 public:
  Buffer(std::size_t bytes, Device device);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  Device device() const { return device_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
  Device device_;
};
using BufferPtr = std::shared_ptr<Buffer>;

inline constexpr std::size_t kAlignment = 64;
BufferPtr allocate(std::size_t bytes, Device device = Device::cpu());

/// How many buffers have been allocated since the process started (tests: a training step allocates none).
std::uint64_t buffer_allocations();

}  // namespace kerata
