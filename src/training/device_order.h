// DeviceOrder: in which order the passes over the data take the samples, in a GPU's memory.
#pragma once

#include <array>
#include <cstdint>

#include "backend/buffer.h"
#include "backend/device_backend.h"
#include "kerata/core/shape.h"

namespace kerata::training {

/// A ring of two halves, each the orders of one pass or, where these are short, of several: the host draws one half and
/// sends it beside the steps that read the other. All steps read it at one address, so that a recorded step stays.
class DeviceOrder {
 public:
  /// What it takes of the GPU's memory.
  static std::size_t bytes(Dim samples);
  /// Throws BackendError when memory is out.
  DeviceOrder(Device device, Dim samples);
  ~DeviceOrder();
  DeviceOrder(const DeviceOrder&) = delete;
  DeviceOrder& operator=(const DeviceOrder&) = delete;

  /// The steps that are given from here on belong to this pass (shuffle_order).
  void start_pass(std::uint64_t key, std::uint64_t pass);
  /// Draws and sends what the pass after the running one will read, where it is not there yet.
  void prepare_pass(std::uint64_t key, std::uint64_t pass);
  const Dim* data() const { return reinterpret_cast<const Dim*>(memory_->data()); }
  /// Where in data() the running pass begins.
  Dim first() const { return first_; }

 private:
  struct Half {
    std::uint64_t key = 0, chunk = 0;  // which passes it has: a chunk is as many as a half takes
    bool is_filled = false;
    Event sent = nullptr, used = nullptr;  // it is there; all steps that read it are done
  };
  std::size_t half_bytes() const;
  bool has(std::uint64_t key, std::uint64_t chunk) const;
  void fill(std::uint64_t key, std::uint64_t chunk);
  void release();

  Device device_;
  DeviceBackend& backend_;
  Dim samples_, passes_;  // of a half
  BufferPtr memory_;
  std::byte* pinned_ = nullptr;  // a half on its way
  std::array<Half, 2> halves_;
  std::uint64_t running_ = 0;  // the chunk of the running pass
  Dim first_ = 0;
};

}  // namespace kerata::training
