// Driver: the functions of the CUDA driver that Kerata calls; the one place where they are called through.
#pragma once

#include <cuda.h>

#include <string>
#include <string_view>
#include <vector>

// The form that drivers older than CUDA 12.8 have, too.
#undef cuEventElapsedTime
extern "C" CUresult CUDAAPI cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to);

namespace kerata::cuda {

// cuda.h maps some of these names to those of a version ("cuMemAlloc" to "cuMemAlloc_v2"), here and where they are
// used.
#define KERATA_DRIVER_FUNCTIONS(X) \
  X(cuInit)                        \
  X(cuDriverGetVersion)            \
  X(cuGetErrorName)                \
  X(cuGetErrorString)              \
  X(cuDeviceGetCount)              \
  X(cuDeviceGet)                   \
  X(cuDeviceGetName)               \
  X(cuDeviceGetAttribute)          \
  X(cuDeviceTotalMem)              \
  X(cuDevicePrimaryCtxRetain)      \
  X(cuCtxSetCurrent)               \
  X(cuCtxGetCurrent)               \
  X(cuMemGetInfo)                  \
  X(cuDeviceGetDefaultMemPool)     \
  X(cuMemPoolSetAttribute)         \
  X(cuMemPoolGetAttribute)         \
  X(cuMemPoolTrimTo)               \
  X(cuMemAllocAsync)               \
  X(cuMemFreeAsync)                \
  X(cuMemHostAlloc)                \
  X(cuMemFreeHost)                 \
  X(cuMemcpyHtoDAsync)             \
  X(cuMemcpyDtoHAsync)             \
  X(cuMemcpyDtoDAsync)             \
  X(cuMemcpyPeerAsync)             \
  X(cuMemsetD8Async)               \
  X(cuStreamCreate)                \
  X(cuStreamSynchronize)           \
  X(cuStreamWaitEvent)             \
  X(cuStreamBeginCapture)          \
  X(cuStreamEndCapture)            \
  X(cuEventCreate)                 \
  X(cuEventDestroy)                \
  X(cuEventRecord)                 \
  X(cuEventSynchronize)            \
  X(cuEventElapsedTime)            \
  X(cuGraphGetNodes)               \
  X(cuGraphInstantiate)            \
  X(cuGraphDestroy)                \
  X(cuGraphExecDestroy)            \
  X(cuGraphLaunch)                 \
  X(cuModuleLoadData)              \
  X(cuModuleGetFunction)           \
  X(cuFuncGetAttribute)            \
  X(cuLaunchKernel)

struct Driver {
#define KERATA_DECLARE(name) decltype(&::name) name = nullptr;
  KERATA_DRIVER_FUNCTIONS(KERATA_DECLARE)
#undef KERATA_DECLARE
  /// Why there is no driver that can be used, and what to do; empty when there is one.
  std::string problem;
};

/// Loaded and initialised at the first call.
const Driver& driver();

/// Files of the CUDA toolkit's library `name` ("libnvrtc") that the driver takes the code of, the newest first: those
/// of CUDA 13 need a driver for CUDA 13.
std::vector<std::string> toolkit_files(std::string_view name);

/// Throws BackendError "[CUDA] What failed on cuda:0: out of memory (CUDA_ERROR_OUT_OF_MEMORY). Hint: ..." unless all
/// is well; the hint where there is one.
void check(CUresult result, std::string_view what, int device);

}  // namespace kerata::cuda
