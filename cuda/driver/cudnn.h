// cuDNN 9: NVIDIA's convolutions by its graph API, and its LSTM, where they are installed.
#pragma once

#include <cudnn_adv.h>

#include <mutex>

#include "kerata/core/dtype.h"

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
  X(cudnnBackendExecute)           \
  X(cudnnCreateTensorDescriptor)   \
  X(cudnnDestroyTensorDescriptor)  \
  X(cudnnSetTensorNdDescriptor)    \
  X(cudnnCreateRNNDescriptor)      \
  X(cudnnDestroyRNNDescriptor)     \
  X(cudnnSetRNNDescriptor_v8)      \
  X(cudnnCreateRNNDataDescriptor)  \
  X(cudnnDestroyRNNDataDescriptor) \
  X(cudnnSetRNNDataDescriptor)     \
  X(cudnnGetRNNTempSpaceSizes)     \
  X(cudnnGetRNNWeightSpaceSize)    \
  X(cudnnGetRNNWeightParams)       \
  X(cudnnRNNForward)               \
  X(cudnnRNNBackwardData_v8)       \
  X(cudnnRNNBackwardWeights_v8)

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

/// Of a floating type.
cudnnDataType_t cudnn_type(DType dtype);

/// Throws BackendError "cudnnBackendExecute failed: CUDNN_STATUS_... (cuDNN's reason)."
void check(cudnnStatus_t status, const char* what);

}  // namespace kerata::cuda
