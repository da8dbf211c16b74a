#include "cuda/driver/cudnn_descriptor.h"

#include <utility>

namespace kerata::cuda {

CudnnDescriptor::CudnnDescriptor(cudnnBackendDescriptorType_t type)
    : status_(cudnn().cudnnBackendCreateDescriptor(type, &handle_)) {}

CudnnDescriptor::~CudnnDescriptor() {
  if (handle_) cudnn().cudnnBackendDestroyDescriptor(handle_);
}

CudnnDescriptor::CudnnDescriptor(CudnnDescriptor&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), status_(other.status_) {}

void CudnnDescriptor::set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                          const void* values) {
  if (status_ == CUDNN_STATUS_SUCCESS) status_ = cudnn().cudnnBackendSetAttribute(handle_, name, type, count, values);
}

bool CudnnDescriptor::finalize() {
  if (status_ == CUDNN_STATUS_SUCCESS) status_ = cudnn().cudnnBackendFinalize(handle_);
  return status_ == CUDNN_STATUS_SUCCESS;
}

std::int64_t CudnnDescriptor::get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t most,
                                  void* values) const {
  std::int64_t count = 0;
  const bool answers =
      status_ == CUDNN_STATUS_SUCCESS &&
      cudnn().cudnnBackendGetAttribute(handle_, name, type, most, &count, values) == CUDNN_STATUS_SUCCESS;
  return answers ? count : 0;
}

}  // namespace kerata::cuda
