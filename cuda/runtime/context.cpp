#include "cuda/runtime/context.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "core/require.h"

namespace kerata::cuda {
namespace {

constexpr int kLeastCapability = 80;  // bfloat16 and asynchronous copies

CUdevice device_at(int index) {
  CUdevice device = 0;
  check(driver().cuDeviceGet(&device, index), "cuDeviceGet", index);
  return device;
}

int attribute(CUdevice device, CUdevice_attribute which, int index) {
  int value = 0;
  check(driver().cuDeviceGetAttribute(&value, which, device), "cuDeviceGetAttribute", index);
  return value;
}

int capability_of(CUdevice device, int index) {
  return 10 * attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, index) +
         attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, index);
}

}  // namespace

Context::Context(int number) : index(number) {
  const Driver& cuda = driver();
  device = device_at(index);
  capability = capability_of(device, index);
  require<BackendError>(capability >= kLeastCapability, "CUDA", "cuda:", index, " has compute capability ",
                        capability / 10, '.', capability % 10, ". Expected 8.0 or newer. Hint: use the CPU.");
  processors = attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, index);
  check(cuda.cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", index);
  enter();
  check(cuda.cuStreamCreate(&main, CU_STREAM_NON_BLOCKING), "cuStreamCreate", index);
  check(cuda.cuStreamCreate(&copy, CU_STREAM_NON_BLOCKING), "cuStreamCreate", index);
  check(cuda.cuStreamCreate(&recording, CU_STREAM_NON_BLOCKING), "cuStreamCreate", index);
  check(cuda.cuDeviceGetDefaultMemPool(&pool, device), "cuDeviceGetDefaultMemPool", index);
  std::uint64_t keep = UINT64_MAX;  // what was freed stays in the pool: the next fit takes it again
  check(cuda.cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep), "cuMemPoolSetAttribute", index);
}

void Context::enter() const {
  CUcontext current = nullptr;  // asked for each time: a program may use CUDA itself
  check(driver().cuCtxGetCurrent(&current), "cuCtxGetCurrent", index);
  if (current != context) check(driver().cuCtxSetCurrent(context), "cuCtxSetCurrent", index);
}

bool is_usable(int index) { return capability_of(device_at(index), index) >= kLeastCapability; }

DeviceInfo info_of(int index) {
  const CUdevice device = device_at(index);
  DeviceInfo found;
  char name[256] = {};
  check(driver().cuDeviceGetName(name, sizeof name - 1, device), "cuDeviceGetName", index);
  found.name = name;
  found.compute_capability = capability_of(device, index);
  check(driver().cuDeviceTotalMem(&found.total_memory, device), "cuDeviceTotalMem", index);
  if (!is_usable(index)) return found;
  try {
    found.free_memory = free_memory(context_of(index));
  } catch (const BackendError&) {  // another process may have it for itself: it is listed all the same
  }
  return found;
}

std::size_t free_memory(const Context& context) {
  context.enter();
  std::size_t free = 0, total = 0;
  check(driver().cuMemGetInfo(&free, &total), "cuMemGetInfo", context.index);
  std::uint64_t reserved = 0, used = 0;
  check(driver().cuMemPoolGetAttribute(context.pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, &reserved),
        "cuMemPoolGetAttribute", context.index);
  check(driver().cuMemPoolGetAttribute(context.pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used), "cuMemPoolGetAttribute",
        context.index);
  return free + (reserved > used ? reserved - used : 0);
}

int num_contexts() {
  static const int count = [] {
    int found = 0;
    if (driver().problem.empty()) driver().cuDeviceGetCount(&found);
    return found;
  }();
  return count;
}

Context& context_of(int index) {
  // Never destroyed: a program's global models give their memory back after all that was made later is gone.
  struct All {
    std::mutex mutex;
    std::vector<std::unique_ptr<Context>> contexts{static_cast<std::size_t>(num_contexts())};
  };
  static All& all = *new All;
  const std::lock_guard lock(all.mutex);
  std::unique_ptr<Context>& context = all.contexts.at(static_cast<std::size_t>(index));
  if (!context) context = std::make_unique<Context>(index);
  return *context;
}

}  // namespace kerata::cuda
