// Context: one GPU: its queues, its pool of memory, its architecture.
#pragma once

#include <mutex>

#include "cuda/driver/driver.h"
#include "kerata/core/device.h"

namespace kerata::cuda {

class Recording;

class Context {
 public:
  explicit Context(int index);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Makes it the calling thread's: every other call needs that.
  void enter() const;

  const int index;
  CUdevice device = 0;
  CUcontext context = nullptr;
  CUstream main = nullptr, copy = nullptr;
  CUstream recording = nullptr;  // captures only; nothing ever runs in it
  std::mutex recording_mutex;
  Recording* recorded = nullptr;  // while a program is recorded, by the thread that records it
  CUmemoryPool pool = nullptr;
  int capability = 0;  // 90 for 9.0
  int processors = 0;
};

/// Once more when memory was out: what the pool keeps may lie in pieces, or be wanted by others than the pool.
template <class Call>
CUresult retried(const Context& context, const Call& call) {
  const CUresult result = call();
  if (result != CUDA_ERROR_OUT_OF_MEMORY) return result;
  driver().cuStreamSynchronize(context.main);
  driver().cuMemPoolTrimTo(context.pool, 0);
  return call();
}
/// What can still be allocated: what the driver has, and what the pool keeps.
std::size_t free_memory(const Context& context);
/// Of a GPU that need not be usable; then its free memory is not known and 0.
DeviceInfo info_of(int index);
/// Whether it is new enough.
bool is_usable(int index);

/// Made at the first use. `index` is below num_contexts().
Context& context_of(int index);
int num_contexts();

}  // namespace kerata::cuda
