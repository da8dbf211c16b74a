// The GPUs as DeviceBackend sees them.
#include "backend/device_backend.h"

#include "backend/buffer.h"
#include "core/require.h"
#include "cuda/runtime/context.h"
#include "cuda/runtime/feed.h"
#include "cuda/runtime/recording.h"

namespace kerata {
namespace cuda {
namespace {

CUdeviceptr address(const std::byte* memory) { return reinterpret_cast<CUdeviceptr>(memory); }

Context& entered(int device) {
  Context& context = context_of(device);
  context.enter();
  return context;
}

// Whether a copy is a kernel, which can be joined with others: other work in a recording would part them.
bool is_joined(int device, std::size_t bytes, Queue queue) {
  constexpr std::size_t kMost = 64 * 1024;
  const Context& context = context_of(device);
  return queue == context.recording && context.recorded && bytes > 0 && bytes <= kMost &&
         most_joined_blocks(context) > 0;
}

class Recorded final : public DeviceGraph {
 public:
  Recorded(CUgraphExec program, BufferPtr memory, int device)
      : program_(program), memory_(std::move(memory)), device_(device) {}
  ~Recorded() override {
    try {
      context_of(device_).enter();
      driver().cuGraphExecDestroy(program_);
    } catch (const Error&) {  // the driver has ended before a model of the program's, or the device is lost
    }
  }
  void launch(Queue queue) const override {
    context_of(device_).enter();
    check(driver().cuGraphLaunch(program_, stream_of(device_, queue)), "cuGraphLaunch", device_);
  }

 private:
  CUgraphExec program_;
  BufferPtr memory_;  // what its kernels read
  int device_;
};

class Backend final : public DeviceBackend {
 public:
  int num_devices() override { return num_contexts(); }
  std::string why_none() override { return driver().problem; }
  DeviceInfo info(int device) override { return info_of(device); }
  bool is_usable(int device) override { return cuda::is_usable(device); }

  std::byte* allocate(int device, std::size_t bytes) override {
    Context& context = entered(device);
    CUdeviceptr memory = 0;
    const CUresult result = retried(context, [&] { return driver().cuMemAllocAsync(&memory, bytes, context.main); });
    if (result == CUDA_ERROR_OUT_OF_MEMORY) fail_out_of_memory(context, bytes);
    check(result, "cuMemAllocAsync", device);
    return reinterpret_cast<std::byte*>(memory);
  }
  void release(int device, std::byte* memory) noexcept override {
    try {
      Context& context = entered(device);
      driver().cuMemFreeAsync(address(memory), context.main);
    } catch (const Error&) {  // a lost device has no memory to free
    }
  }
  std::byte* allocate_pinned(int device, std::size_t bytes) override {
    const Context& context = entered(device);
    void* memory = nullptr;
    check(retried(context, [&] { return driver().cuMemHostAlloc(&memory, bytes ? bytes : 1, 0); }), "cuMemHostAlloc",
          device);
    return static_cast<std::byte*>(memory);
  }
  void release_pinned(int device, std::byte* memory) noexcept override {
    try {
      entered(device);
      driver().cuMemFreeHost(memory);
    } catch (const Error&) {
    }
  }

  Queue main_queue(int device) override { return context_of(device).main; }
  Queue copy_queue(int device) override { return context_of(device).copy; }
  void upload(int device, std::byte* to, const void* from, std::size_t bytes, Queue queue) override {
    entered(device);
    check(driver().cuMemcpyHtoDAsync(address(to), from, bytes, stream_of(device, queue)), "cuMemcpyHtoDAsync", device);
  }
  void download(int device, void* to, const std::byte* from, std::size_t bytes, Queue queue) override {
    entered(device);
    check(driver().cuMemcpyDtoHAsync(to, address(from), bytes, stream_of(device, queue)), "cuMemcpyDtoHAsync", device);
  }
  void copy(int device, std::byte* to, const std::byte* from, std::size_t bytes, Queue queue) override {
    entered(device);
    if (is_joined(device, bytes, queue)) return give_copy(device, to, from, bytes, queue);
    check(driver().cuMemcpyDtoDAsync(address(to), address(from), bytes, stream_of(device, queue)), "cuMemcpyDtoDAsync",
          device);
  }
  void copy_across(int to_device, std::byte* to, int from_device, const std::byte* from, std::size_t bytes) override {
    wait(from_device, main_queue(from_device));
    const Context& target = entered(to_device);
    check(driver().cuMemcpyPeerAsync(address(to), target.context, address(from), context_of(from_device).context, bytes,
                                     target.main),
          "cuMemcpyPeerAsync", to_device);
    wait(to_device, target.main);
  }
  void fill_zero(int device, std::byte* memory, std::size_t bytes, Queue queue) override {
    entered(device);
    if (is_joined(device, bytes, queue)) return give_copy(device, memory, nullptr, bytes, queue);
    if (bytes)
      check(driver().cuMemsetD8Async(address(memory), 0, bytes, stream_of(device, queue)), "cuMemsetD8Async", device);
  }
  void fill_zeros(int device, std::span<const MemoryRange> all, Queue queue) override {
    give_zeros(device, all, queue);
  }
  void wait(int device, Queue queue) override {
    entered(device);
    check(driver().cuStreamSynchronize(stream_of(device, queue)), "a kernel", device);
  }

  Event make_event(int device) override { return new_event(device, CU_EVENT_DISABLE_TIMING); }
  Event make_timed_event(int device) override { return new_event(device, CU_EVENT_DEFAULT); }
  void release_event(int device, Event event) noexcept override {
    try {
      entered(device);
      driver().cuEventDestroy(static_cast<CUevent>(event));
    } catch (const Error&) {
    }
  }
  void record(int device, Event event, Queue queue) override {
    entered(device);
    check(driver().cuEventRecord(static_cast<CUevent>(event), stream_of(device, queue)), "cuEventRecord", device);
  }
  void queue_waits(int device, Queue queue, Event event) override {
    entered(device);
    check(driver().cuStreamWaitEvent(stream_of(device, queue), static_cast<CUevent>(event), 0), "cuStreamWaitEvent",
          device);
  }
  void host_waits(int device, Event event) override {
    entered(device);
    check(driver().cuEventSynchronize(static_cast<CUevent>(event)), "cuEventSynchronize", device);
  }
  double milliseconds_between(int device, Event from, Event to) override {
    entered(device);
    float milliseconds = 0;
    check(driver().cuEventElapsedTime(&milliseconds, static_cast<CUevent>(from), static_cast<CUevent>(to)),
          "cuEventElapsedTime", device);
    return milliseconds;
  }

  void gather_rows(int device, const GatherRows& rows, Queue queue) override { give_gather(device, rows, queue); }
  void take_random_state(int device, const FeedState* state, std::byte* random_state, Queue queue) override {
    give_random_state(device, state, random_state, queue);
  }
  void advance(int device, FeedState* state, std::int64_t count, Queue queue) override {
    give_advance(device, state, count, queue);
  }

  void announce(int device, std::shared_ptr<const MemoryUse> use, Queue queue) override {
    cuda::announce(device, std::move(use), queue);
  }
  std::unique_ptr<DeviceGraph> capture(int device, const Function<void(Queue)>& work) override;

 private:
  static Event new_event(int device, unsigned flags) {
    entered(device);
    CUevent event = nullptr;
    check(driver().cuEventCreate(&event, flags), "cuEventCreate", device);
    return event;
  }
  [[noreturn]] static void fail_out_of_memory(const Context& context, std::size_t bytes) {
    std::size_t total = 0;
    driver().cuDeviceTotalMem(&total, context.device);
    fail<BackendError>("CUDA", "Out of memory on cuda:", context.index, ". Expected ", bytes, " bytes, received ",
                       free_memory(context), " free of ", total, ". Hint: a smaller batch_size.");
  }
};

std::unique_ptr<DeviceGraph> Backend::capture(int device, const Function<void(Queue)>& work) {
  Context& context = entered(device);
  const std::lock_guard lock(context.recording_mutex);
  JoinedData data;
  BufferPtr memory;
  if (most_joined_blocks(context) > 0) driver().cuGraphDestroy(record_graph(context, false, data, work));
  const std::size_t wanted = data.bytes.size();
  if (wanted > 0) {
    memory = kerata::allocate(wanted, Device::cuda(device));
    data.memory = memory->data();
    data.bytes.clear();
  }
  const std::unique_ptr<CUgraph_st, CUresult (*)(CUgraph)> graph(record_graph(context, true, data, work),
                                                                 driver().cuGraphDestroy);
  require<BackendError>(data.bytes.size() == wanted, "CUDA", "A program gave other work when it was recorded again.");
  if (wanted > 0) copy_bytes(Device::cuda(device), memory->data(), Device::cpu(), data.bytes.data(), wanted);
  CUgraphExec program = nullptr;
  check(retried(context, [&] { return driver().cuGraphInstantiate(&program, graph.get(), 0); }), "cuGraphInstantiate",
        device);
  return std::make_unique<Recorded>(program, std::move(memory), device);
}

}  // namespace
}  // namespace cuda

DeviceBackend* cuda_backend() {
  static cuda::Backend backend;
  return &backend;
}

}  // namespace kerata
