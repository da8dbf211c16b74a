// DeviceRun: a program bound to a GPU's memory. Its kernels are recorded once and launched as one graph; batches go to
// the device through two pinned buffers in turn, beside the step that runs.
#pragma once

#include <array>

#include "compile/device_reports.h"
#include "compile/device_times.h"
#include "compile/executable_impl.h"

namespace kerata {

/// Memory of a workspace on a GPU: [inputs, first buffer][inputs, second][arena][scratch]. All programs of the
/// workspace use the same.
struct DeviceLayout {
  std::size_t inputs[2], work, bytes;
  std::size_t pinned_inputs[2], pinned_input_bytes;  // of the host
  std::size_t pinned_outputs[2], pinned_output_bytes;
  explicit DeviceLayout(const Executable::Impl& program);
};

class DeviceRun;

/// What all programs of one workspace share.
class DeviceMemory {
 public:
  explicit DeviceMemory(Device device);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  /// Waits for what runs in the memory and makes it large enough. Throws BackendError when there is too little: what
  /// was there is gone then, and a smaller program can be bound.
  void make_room(const DeviceLayout& layout);
  /// Counts the exchanges of `memory` and outputs(): programs that were bound before are no longer.
  std::uint64_t version() const { return version_; }

  const Device device;
  DeviceBackend& backend;
  BufferPtr memory;
  /// Pinned memory for results, and for batches: that is made when it is first asked for, since data that lies on the
  /// device needs none.
  std::byte* outputs() const { return outputs_.memory; }
  std::byte* inputs(std::size_t bytes);
  std::array<Event, 2> copied{}, used{};  // per input buffer: filled; read by run() of the last program
  std::array<Event, 2> fetched{};         // per output buffer: filled
  const DeviceRun* last = nullptr;        // of the last run(): another program may use its memory; null after run_fed()
  ReportReader reports;

 private:
  struct Pinned {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
  };
  /// Whether it was exchanged for a larger one.
  bool grow(Pinned& pinned, std::size_t bytes);
  void release(Pinned& pinned);

  Pinned outputs_, inputs_;
  std::uint64_t version_ = 0;
};

class DeviceRun {
 public:
  DeviceRun(const ExecutablePtr& executable, DeviceMemory& memory);
  ~DeviceRun();
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;
  /// Whether the addresses are still those of the workspace and of the variables.
  bool is_current();
  /// Pinned memory that takes the next batch.
  std::byte* input(std::size_t i);
  /// Memory of the caller that the next batch is copied from; null: the pinned memory again.
  void set_source(std::size_t i, const void* data) { sources_[i] = data; }
  void run();
  /// Data on the device that run_fed() cuts batches out of.
  void feed(std::span<const FedColumn> columns, const std::int64_t* order);
  void run_fed(const FeedState& state);
  /// Has the last run's outputs copied to pinned memory beside what the host does next: one of two buffers in turn.
  std::size_t fetch();
  /// Waits for the copy, and throws for what kernels reported; then the output.
  const void* fetched(std::size_t slot, std::size_t i);
  /// Of the last run.
  const void* output(std::size_t i);

 private:
  std::vector<const void*> variable_addresses() const;
  bool has_inputs() const;
  void upload();
  void finish_run(std::size_t slot);
  /// Has `work` (Queue, DeviceTimes* or null) done: kernel by kernel when it is profiled and in the first run, later as
  /// the graph that is recorded from it.
  template <class Work>
  void give_or_launch(std::unique_ptr<DeviceGraph>& graph, const Work& work);
  template <class Work>
  std::unique_ptr<DeviceGraph> record(const Work& work);
  void give_fed(Queue queue);
  std::int64_t batch_size() const;
  void give(Queue queue, const Binding::Impl& bound, DeviceTimes* times);
  void copy_outputs(std::byte* to, std::vector<const std::byte*>& placed);
  std::byte* pinned_input(std::size_t i, std::size_t slot) const;
  std::byte* feed_state() const;

  ExecutablePtr executable_;
  DeviceMemory& memory_;
  DeviceLayout layout_;
  std::byte* base_;
  DeviceReports reports_;
  BufferPtr own_;  // what stays between runs: FeedState
  std::uint64_t memory_version_, placement_;
  std::vector<const void*> variables_;  // where they lay when it was bound
  std::array<Binding::Impl, 2> bound_;  // for either input buffer
  std::array<std::unique_ptr<DeviceGraph>, 2> graphs_;
  std::vector<const void*> sources_;
  struct Fetched {
    std::vector<const std::byte*> outputs;  // in pinned memory
    bool is_here = false;
  };
  std::array<Fetched, 2> fetched_;
  std::vector<FedColumn> fed_;
  const std::int64_t* order_ = nullptr;
  std::unique_ptr<DeviceGraph> fed_graph_;
  FeedState given_;           // on its way to the device; the next one comes after results were waited for
  FeedState next_;            // what the device's state will be after the steps given so far
  bool knows_state_ = false;  // next_ is true
  std::size_t slot_ = 0, last_slot_ = 0, last_fetch_ = 0;
  bool pinned_is_free_ = false, is_fetched_ = false;
  bool is_recordable_ = true;
  bool records_ = false;  // not the first run: NVIDIA's libraries load their kernels in it, which no recording allows
};

/// Gives a copy within the device's memory to a queue, and announces it where that is a recording.
void give_copy(Device device, void* to, const void* from, std::size_t bytes, Queue queue);

/// Gives the kernels of a bound program to a queue; kernel i reports to statuses[i * stride]. `times`: for
/// KERATA_PROFILE, else null.
void give_steps(const Binding::Impl& bound, Queue queue, KernelStatus* statuses, std::size_t stride,
                DeviceTimes* times);

}  // namespace kerata
