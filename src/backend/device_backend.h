// DeviceBackend: what devices beside the CPU offer: memory, copies, order of work, captured programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kerata/core/device.h"
#include "kerata/core/function.h"

namespace kerata {

/// An order of work on a device: what is given to it runs one after the other. Opaque (a CUstream).
using Queue = void*;
/// A place in a queue. Opaque (a CUevent).
using Event = void*;

/// A recorded sequence of work on one device, given to a queue in one call.
class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;
  virtual void launch(Queue queue) const = 0;
};

/// Where the next batch begins in data that lies on the device, and the random state of the step; in the device's
/// memory.
struct FeedState {
  std::int64_t first = 0;
  std::uint64_t key = 0, step = 0;
  bool operator==(const FeedState&) const = default;
};
/// Rows of one column of the data: row i of a batch is row order[state->first + i], or state->first + i without an
/// order.
struct GatherRows {
  const std::byte* from;
  const std::int64_t* order;
  const FeedState* state;
  std::byte* to;
  std::int64_t count;
  std::size_t row_bytes;
};

/// What work does to the device's memory.
struct MemoryRange {
  const void* begin;
  std::size_t bytes;
};
struct MemoryUse {
  std::vector<MemoryRange> reads, writes;
};

/// The devices of one kind. Every call may come from any thread and throws BackendError naming the device when the
/// driver refuses. Memory is 256-byte aligned.
class DeviceBackend {
 public:
  virtual ~DeviceBackend() = default;

  virtual int num_devices() = 0;
  /// Why num_devices() is 0, and what to do: "no driver (libcuda.so.1) was found. Hint: ...".
  virtual std::string why_none() = 0;
  virtual DeviceInfo info(int device) = 0;
  /// Whether there are kernels for this kind of GPU.
  virtual bool is_usable(int device) = 0;

  /// Throws BackendError for out of memory, with what was asked for and what is free.
  virtual std::byte* allocate(int device, std::size_t bytes) = 0;
  /// After all work given to the device's queue before.
  virtual void release(int device, std::byte* memory) noexcept = 0;
  /// Memory of the host that the device can copy from and to beside other work.
  virtual std::byte* allocate_pinned(int device, std::size_t bytes) = 0;
  virtual void release_pinned(int device, std::byte* memory) noexcept = 0;

  /// The queue in which programs, eager ops and everything without a queue of its own run.
  virtual Queue main_queue(int device) = 0;
  /// The queue for batches on their way to the device.
  virtual Queue copy_queue(int device) = 0;
  virtual void upload(int device, std::byte* to, const void* from, std::size_t bytes, Queue queue) = 0;
  virtual void download(int device, void* to, const std::byte* from, std::size_t bytes, Queue queue) = 0;
  virtual void copy(int device, std::byte* to, const std::byte* from, std::size_t bytes, Queue queue) = 0;
  /// From one device to another; waits for what was given to both before, and for the copy.
  virtual void copy_across(int to_device, std::byte* to, int from_device, const std::byte* from, std::size_t bytes) = 0;
  virtual void fill_zero(int device, std::byte* memory, std::size_t bytes, Queue queue) = 0;
  /// Many small ones, in few launches.
  virtual void fill_zeros(int device, std::span<const MemoryRange> all, Queue queue) = 0;
  /// Until all work given to the queue so far is done.
  virtual void wait(int device, Queue queue) = 0;

  virtual Event make_event(int device) = 0;
  /// An event whose time milliseconds_between() tells.
  virtual Event make_timed_event(int device) = 0;
  virtual void release_event(int device, Event event) noexcept = 0;
  virtual void record(int device, Event event, Queue queue) = 0;
  /// What is given to the queue from now on runs after the event.
  virtual void queue_waits(int device, Queue queue, Event event) = 0;
  virtual void host_waits(int device, Event event) = 0;
  /// By the device's clock, between two timed events that have happened.
  virtual double milliseconds_between(int device, Event from, Event to) = 0;

  virtual void gather_rows(int device, const GatherRows& rows, Queue queue) = 0;
  /// Writes {key, step} to `random_state` (unless it is null).
  virtual void take_random_state(int device, const FeedState* state, std::byte* random_state, Queue queue) = 0;
  /// state->first += count, state->step += 1.
  virtual void advance(int device, FeedState* state, std::int64_t count, Queue queue) = 0;

  /// While a program is recorded: kernels that are given to the queue from here to the next call touch no other memory
  /// (but for what nothing writes), so that they may run beside kernels that do not use theirs. Null: not known, as in
  /// the beginning.
  virtual void announce(int device, std::shared_ptr<const MemoryUse> use, Queue queue) = 0;
  /// Records what `work` gives to the queue that it is handed; nothing runs.
  virtual std::unique_ptr<DeviceGraph> capture(int device, const Function<void(Queue)>& work) = 0;
};

/// The GPUs' back end: cuda/, or src/no_cuda, where there is none (null).
DeviceBackend* cuda_backend();

/// Copies between any two devices and waits; `from` and `to` are addresses on their devices.
void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes);
void zero_bytes(Device device, void* memory, std::size_t bytes);

/// Throws BackendError unless the device exists; for the CPU it returns null.
DeviceBackend* backend_of(Device device);

}  // namespace kerata
