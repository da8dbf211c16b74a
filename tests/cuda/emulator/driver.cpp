// libcuda as the tests have it: a GPU made of the CPU. It is as late as the rules of CUDA allow: work of a queue is
// done only when somebody waits for it, so that a missing dependency between queues shows as a wrong result; pinned
// memory is read when the copy runs, not when it is asked for; and the device's memory can be touched by the device's
// work only: a program that reads it from the host ends with a segmentation fault. Queues, kernels and memory belong to
// the GPU that was current when they were made, and are refused elsewhere; what a newer NVRTC than the driver made is
// refused, too, and so is what a thread may not call while it captures a queue. Environment: KERATA_EMULATED_GPUS (1),
// KERATA_EMULATED_CAPABILITY (90; or one for each GPU), KERATA_EMULATED_VERSION (the driver's, 13000),
// KERATA_EMULATED_MEMORY (bytes, 2 GiB), KERATA_EMULATED_EARLY_COPIES (all queues but a GPU's first are as early as
// allowed), KERATA_EMULATED_REFUSES_GRAPHS (out of memory), KERATA_EMULATED_SOURCES (a folder that takes the text of
// every kernel that was loaded).
#include <cuda.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cuda/emulator/grid.h"
#include "cuda/emulator/memory.h"
#include "cuda/emulator/modules.h"

struct CUevent_st {
  CUstream stream = nullptr;  // where it was recorded last
  std::uint64_t place = 0;    // tasks of that stream which come before it
  bool timed = false;
  std::chrono::steady_clock::time_point time{};
  bool captured = false;  // recorded last in a stream that was capturing
};

struct Task {
  std::function<void()> work;
  CUstream waits_for = nullptr;  // work of another stream, up to `place`
  std::uint64_t place = 0;
};

struct CUstream_st {
  CUcontext context = nullptr;
  std::vector<Task> tasks;  // all that were ever given; done ones are emptied
  std::uint64_t done = 0;
  bool capturing = false, invalid = false;
  bool early = false;  // work is done as it is given
  std::vector<Task> recorded;
};

struct CUgraph_st {
  std::vector<Task> tasks;
};
struct CUgraphExec_st {
  std::vector<Task> tasks;
};
namespace {

using kerata::emulator::KernelCode;
using kerata::emulator::Memory;

std::recursive_mutex mutex;

std::size_t number_from(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}
std::size_t driver_version() { return number_from("KERATA_EMULATED_VERSION", 13000); }

// KERATA_EMULATED_CAPABILITY: one number for all GPUs, or one for each, separated by commas.
int capability_of(int device) {
  const char* text = std::getenv("KERATA_EMULATED_CAPABILITY");
  if (!text) return 90;
  for (int i = 0; i < device && std::strchr(text, ','); ++i) text = std::strchr(text, ',') + 1;
  return std::atoi(text);
}

Memory& memory() {
  // Never destroyed: other libraries free their memory late.
  static Memory* made = new Memory(number_from("KERATA_EMULATED_MEMORY", std::size_t{2} << 30));
  return *made;
}
std::map<const std::byte*, std::size_t>& pinned() {
  static auto* ranges = new std::map<const std::byte*, std::size_t>;
  return *ranges;
}
bool is_pinned(const void* address) {
  const auto* at = static_cast<const std::byte*>(address);
  auto range = pinned().upper_bound(at);
  return range != pinned().begin() && at < (--range)->first + range->second;
}

void run_until(CUstream stream, std::uint64_t place) {
  while (stream->done < place) {
    Task task = std::move(stream->tasks[stream->done]);
    stream->tasks[stream->done++] = {};
    if (task.waits_for) run_until(task.waits_for, task.place);
    if (!task.work) continue;
    memory().open();
    task.work();
    memory().close();
  }
}

thread_local CUcontext current = nullptr;
int index_of(CUcontext context) { return static_cast<int>(reinterpret_cast<std::uintptr_t>(context)) - 1; }

// Whether work on this memory may be given to the queue.
bool may_use(CUstream stream, std::size_t bytes = 0, std::initializer_list<CUdeviceptr> addresses = {}) {
  if (stream->context != current) return false;
  if (bytes == 0) return true;
  return std::all_of(addresses.begin(), addresses.end(), [](CUdeviceptr address) {
    return memory().belongs_to(reinterpret_cast<std::byte*>(address), current);
  });
}

// The stream that this thread captures, in thread-local mode: calls that may wait for the device or allocate by
// themselves are refused meanwhile, and end the capture.
thread_local CUstream captured_here = nullptr;
bool refused_by_capture() {
  if (captured_here) captured_here->invalid = true;
  return captured_here != nullptr;
}
CUresult invalidate(CUstream stream, CUresult error) {
  stream->invalid = true;
  return error;
}

CUresult give(CUstream stream, Task task) {
  if (stream->capturing)
    stream->recorded.push_back(std::move(task));
  else
    stream->tasks.push_back(std::move(task));
  if (stream->early && !stream->capturing) run_until(stream, stream->tasks.size());
  return CUDA_SUCCESS;
}

std::byte* pointer(CUdeviceptr address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace

extern "C" {

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int* version) {
  *version = static_cast<int>(driver_version());
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult result, const char** text) {
  *text = result == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_OF_THE_EMULATOR";
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult result, const char** text) {
  *text = result == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory" : "an error of the emulator";
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  *count = static_cast<int>(number_from("KERATA_EMULATED_GPUS", 1));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int index) {
  *device = index;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  std::snprintf(name, static_cast<std::size_t>(length), "Emulated GPU");
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute which, CUdevice device) {
  const int capability = capability_of(device);
  *value = which == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR   ? capability / 10
           : which == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? capability % 10
                                                                   : 132;
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem(std::size_t* bytes, CUdevice) {
  *bytes = memory().total();
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  *context = reinterpret_cast<CUcontext>(static_cast<std::uintptr_t>(device) + 1);
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext context) {
  current = context;
  return CUDA_SUCCESS;
}
CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = current;
  return CUDA_SUCCESS;
}
CUresult cuMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::lock_guard lock(mutex);
  *total = memory().total();
  *free = *total - memory().reserved();
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice) {
  *pool = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuMemPoolSetAttribute(CUmemoryPool, CUmemPool_attribute, void*) { return CUDA_SUCCESS; }
CUresult cuMemPoolGetAttribute(CUmemoryPool, CUmemPool_attribute which, void* value) {
  const std::lock_guard lock(mutex);
  const bool used = which == CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
  if (!used && which != CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT) return CUDA_ERROR_INVALID_VALUE;
  *static_cast<std::uint64_t*>(value) = used ? memory().used() : memory().reserved();
  return CUDA_SUCCESS;
}
CUresult cuMemPoolTrimTo(CUmemoryPool, std::size_t) {
  const std::lock_guard lock(mutex);
  if (refused_by_capture()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  memory().trim();
  return CUDA_SUCCESS;
}

CUresult cuMemAllocAsync(CUdeviceptr* address, std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (stream->capturing) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (!may_use(stream)) return CUDA_ERROR_INVALID_CONTEXT;
  std::byte* made = memory().allocate(bytes, current);
  if (!made) return CUDA_ERROR_OUT_OF_MEMORY;
  *address = reinterpret_cast<CUdeviceptr>(made);
  return CUDA_SUCCESS;
}
CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  const std::lock_guard lock(mutex);
  return give(stream, {[=] { memory().release(pointer(address)); }});
}
CUresult cuMemHostAlloc(void** memory_out, std::size_t bytes, unsigned) {
  const std::lock_guard lock(mutex);
  if (!current) return CUDA_ERROR_INVALID_CONTEXT;
  if (refused_by_capture()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  *memory_out = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  pinned()[static_cast<std::byte*>(*memory_out)] = bytes;
  return CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void* address) {
  const std::lock_guard lock(mutex);
  if (refused_by_capture()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  pinned().erase(static_cast<std::byte*>(address));
  std::free(address);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream, bytes, {to})) return CUDA_ERROR_INVALID_CONTEXT;
  if (is_pinned(from)) return give(stream, {[=] { std::memcpy(pointer(to), from, bytes); }});
  if (stream->capturing) return invalidate(stream, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  auto copy =
      std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
  return give(stream, {[=] { std::memcpy(pointer(to), copy->data(), bytes); }});
}
CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream, bytes, {from})) return CUDA_ERROR_INVALID_CONTEXT;
  return give(stream, {[=] { std::memcpy(to, pointer(from), bytes); }});
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream, bytes, {to, from})) return CUDA_ERROR_INVALID_CONTEXT;
  return give(stream, {[=] { std::memmove(pointer(to), pointer(from), bytes); }});
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context,
                           std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream) || !memory().belongs_to(pointer(to), to_context) ||
      !memory().belongs_to(pointer(from), from_context))
    return CUDA_ERROR_INVALID_CONTEXT;
  return give(stream, {[=] { std::memmove(pointer(to), pointer(from), bytes); }});
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t bytes, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream, bytes, {to})) return CUDA_ERROR_INVALID_CONTEXT;
  return give(stream, {[=] { std::memset(pointer(to), value, bytes); }});
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  static std::map<CUcontext, int> made;
  const std::lock_guard lock(mutex);
  *stream = new CUstream_st;
  (*stream)->context = current;
  (*stream)->early = made[current]++ > 0 && std::getenv("KERATA_EMULATED_EARLY_COPIES");
  return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream stream) {
  const std::lock_guard lock(mutex);
  if (refused_by_capture() || stream->capturing) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  run_until(stream, stream->tasks.size());
  return CUDA_SUCCESS;
}
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  const std::lock_guard lock(mutex);
  if (stream->capturing != event->captured && (stream->capturing || event->stream))
    return invalidate(stream, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  if (!event->stream) return CUDA_SUCCESS;
  return give(stream, {{}, event->stream, event->place});
}
CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
  const std::lock_guard lock(mutex);
  if (mode != CU_STREAM_CAPTURE_MODE_THREAD_LOCAL || captured_here || stream->capturing)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  captured_here = stream;
  stream->capturing = true;
  stream->invalid = false;
  stream->recorded.clear();
  return CUDA_SUCCESS;
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  const std::lock_guard lock(mutex);
  *graph = nullptr;
  if (captured_here != stream) return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  captured_here = nullptr;
  stream->capturing = false;
  const std::vector<Task> recorded = std::exchange(stream->recorded, {});
  if (stream->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  *graph = new CUgraph_st{recorded};
  return CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent* event, unsigned flags) {
  *event = new CUevent_st;
  (*event)->timed = !(flags & CU_EVENT_DISABLE_TIMING);
  return CUDA_SUCCESS;
}
CUresult cuEventDestroy(CUevent event) {
  delete event;
  return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (event->timed) give(stream, {[=] { event->time = std::chrono::steady_clock::now(); }});
  event->stream = stream;
  event->place = stream->tasks.size();
  event->captured = stream->capturing;
  return CUDA_SUCCESS;
}
CUresult cuEventSynchronize(CUevent event) {
  const std::lock_guard lock(mutex);
  if (event->captured) return CUDA_ERROR_CAPTURED_EVENT;
  if (refused_by_capture()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (event->stream) run_until(event->stream, event->place);
  return CUDA_SUCCESS;
}
#undef cuEventElapsedTime
CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  const std::lock_guard lock(mutex);
  const auto happened = [](CUevent event) { return event->stream && event->stream->done >= event->place; };
  if (!from->timed || !to->timed) return CUDA_ERROR_INVALID_HANDLE;
  if (!happened(from) || !happened(to)) return CUDA_ERROR_NOT_READY;
  *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
  return CUDA_SUCCESS;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, std::size_t* count) {
  if (nodes) return CUDA_ERROR_NOT_SUPPORTED;
  *count = graph->tasks.size();
  return CUDA_SUCCESS;
}
CUresult cuGraphInstantiate(CUgraphExec* program, CUgraph graph, unsigned long long) {
  const std::lock_guard lock(mutex);
  if (std::getenv("KERATA_EMULATED_REFUSES_GRAPHS")) return CUDA_ERROR_OUT_OF_MEMORY;
  *program = new CUgraphExec_st{graph->tasks};
  return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph graph) {
  delete graph;
  return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec program) {
  const std::lock_guard lock(mutex);
  delete program;
  return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec program, CUstream stream) {
  const std::lock_guard lock(mutex);
  if (!may_use(stream)) return CUDA_ERROR_INVALID_CONTEXT;
  for (const Task& task : program->tasks) stream->tasks.push_back(task);
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  const std::lock_guard lock(mutex);
  if (refused_by_capture()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (std::getenv("KERATA_EMULATED_REFUSES_KERNELS")) return CUDA_ERROR_OUT_OF_MEMORY;
  if (std::memcmp(image, "KERATA", 6) != 0) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  const std::string nvrtc(static_cast<const char*>(image) + 6, 2);
  if (std::atoi(nvrtc.c_str()) > static_cast<int>(driver_version() / 1000)) return CUDA_ERROR_INVALID_IMAGE;
  *module = kerata::emulator::load_module(static_cast<const char*>(image) + 8, current);
  return *module ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  const std::lock_guard lock(mutex);
  *function = reinterpret_cast<CUfunction>(const_cast<KernelCode*>(kerata::emulator::find_kernel(*module, name)));
  return *function ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute which, CUfunction function) {
  if (which != CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) return CUDA_ERROR_INVALID_VALUE;
  *value = static_cast<int>(reinterpret_cast<const KernelCode*>(function)->shared_bytes);
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                        unsigned bz, unsigned, CUstream stream, void** parameters, void**) {
  const std::lock_guard lock(mutex);
  if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz == 0 || bx * by * bz > 1024)
    return CUDA_ERROR_INVALID_VALUE;
  const auto* code = reinterpret_cast<const KernelCode*>(function);
  if (!may_use(stream) || code->owner != current) return CUDA_ERROR_INVALID_CONTEXT;
  if (gx % code->cluster != 0 || (code->cluster > 1 && capability_of(index_of(current)) < 90))
    return CUDA_ERROR_INVALID_CLUSTER_SIZE;
  if (stream->capturing && code->parameter_bytes > 4096) return CUDA_ERROR_INVALID_VALUE;  // some drivers fail there
  auto copy = std::make_shared<std::vector<char>>(static_cast<const char*>(parameters[0]),
                                                  static_cast<const char*>(parameters[0]) + code->parameter_bytes);
  return give(stream, {[=] { kerata::emulator::run_grid(*code, {gx, gy, gz}, {bx, by, bz}, copy->data()); }});
}

bool kerata_emulator_records(CUstream stream) {
  const std::lock_guard lock(mutex);
  return stream->capturing;
}
/// For the other libraries of the emulator: work that touches the device's memory, in its turn.
void kerata_emulator_give(CUstream stream, void (*work)(void*), void* data) {
  const std::lock_guard lock(mutex);
  static std::FILE* const log = [] {  // that of the library (cuda/driver/call_log.h)
    const char* path = std::getenv("KERATA_CUDA_LOG");
    return path ? std::fopen(path, "a") : nullptr;
  }();
  if (log) {
    std::fputs("library\n", log);
    std::fflush(log);
  }
  give(stream, {[=] { work(data); }});
}
}
