// cuDNN 9: NVIDIA's convolutions, where they are installed. Only its graph API is used.
#pragma once

#include <cudnn_graph.h>

#include <mutex>

namespace kerata::cuda {

#define KERATA_CUDNN_FUNCTIONS(X)  \
  X(cudnnCreate)                   \
  X(cudnnSetStream)                \
  X(cudnnGetErrorString)           \
  X(cudnnGetLastErrorString)       \
  X(cudnnBackendCreateDescriptor)  \
  X(cudnnBackendDestroyDescriptor) \
  X(cudnnBackendSetAttribute)      \
  X(cudnnBackendGetAttribute)      \
  X(cudnnBackendFinalize)          \
  X(cudnnBackendExecute)

struct Cudnn {
#define KERATA_DECLARE(name) decltype(&::name) name = nullptr;
  KERATA_CUDNN_FUNCTIONS(KERATA_DECLARE)
#undef KERATA_DECLARE
  bool is_there = false;
};

/// Loaded at the first call.
const Cudnn& cudnn();

struct CudnnHandle {
  cudnnHandle_t handle = nullptr;
  std::mutex mutex;  // from the choice of a stream to the end of what is given to it
};
/// One a device, made at its first use in the device's context, kept until the process ends; null where it cannot be
/// made.
CudnnHandle* cudnn_handle(int device);

/// Throws BackendError "cudnnBackendExecute failed: CUDNN_STATUS_... (cuDNN's reason)."
void check(cudnnStatus_t status, const char* what);

}  // namespace kerata::cuda
