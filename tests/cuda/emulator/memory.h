// The emulated device's memory.
#pragma once

#include <cuda.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace kerata::emulator {

/// One range of addresses, open while the device works.
class Memory {
 public:
  explicit Memory(std::size_t total) : total_(total) {
    void* range = mmap(nullptr, kRange, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    base_ = static_cast<std::byte*>(range);
  }
  std::byte* allocate(std::size_t bytes, CUcontext owner) {
    bytes = std::max<std::size_t>(256, (bytes + 255) / 256 * 256);
    if (used_ + bytes > total_) return nullptr;
    used_ += bytes;
    reserved_ = std::max(reserved_, used_);
    for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
      if (hole->second < bytes) continue;
      const std::size_t at = hole->first, rest = hole->second - bytes;
      holes_.erase(hole);
      if (rest) holes_[at + bytes] = rest;
      return take(at, bytes, owner);
    }
    end_ += bytes;
    return take(end_ - bytes, bytes, owner);
  }
  void release(std::byte* memory) {
    const auto block = blocks_.find(static_cast<std::size_t>(memory - base_));
    if (block == blocks_.end()) {
      std::fputs("emulator: freed what was not allocated\n", stderr);
      std::abort();
    }
    fill(memory, 0xcd, block->second.bytes);  // what is read after it was freed shows
    used_ -= block->second.bytes;
    holes_[block->first] = block->second.bytes;
    blocks_.erase(block);
  }
  void open() {
    if (depth_++ == 0 && end_) mprotect(base_, end_, PROT_READ | PROT_WRITE);
  }
  void close() {
    if (--depth_ == 0 && end_) mprotect(base_, end_, PROT_NONE);
  }
  std::size_t total() const { return total_; }
  std::size_t used() const { return used_; }
  /// The most that was used, until it is trimmed: what was freed stays the pool's.
  std::size_t reserved() const { return reserved_; }
  void trim() { reserved_ = used_; }
  bool belongs_to(const std::byte* memory, CUcontext owner) const {
    const auto at = static_cast<std::size_t>(memory - base_);
    auto block = blocks_.upper_bound(at);
    return block != blocks_.begin() && at < (--block)->first + block->second.bytes && block->second.owner == owner;
  }

 private:
  struct Block {
    std::size_t bytes;
    CUcontext owner;
  };
  std::byte* take(std::size_t at, std::size_t bytes, CUcontext owner) {
    blocks_[at] = {bytes, owner};
    fill(base_ + at, 0xff, bytes);  // as floats NaN, as integers -1: what is read before it was written shows
    return base_ + at;
  }
  void fill(std::byte* memory, int value, std::size_t bytes) {
    open();
    std::memset(memory, value, bytes);
    close();
  }
  static constexpr std::size_t kRange = std::size_t{1} << 36;
  const std::size_t total_;
  std::byte* base_ = nullptr;
  std::size_t end_ = 0, used_ = 0, reserved_ = 0;
  int depth_ = 0;
  std::map<std::size_t, std::size_t> holes_;  // offset -> bytes
  std::map<std::size_t, Block> blocks_;       // by offset
};

}  // namespace kerata::emulator
