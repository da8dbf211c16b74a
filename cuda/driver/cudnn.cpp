#include "cuda/driver/cudnn.h"

#include <map>
#include <memory>

#include "core/require.h"
#include "cuda/driver/library.h"

namespace kerata::cuda {
namespace {

Cudnn load() {
  Cudnn made;
  const SharedLibrary library({"libcudnn.so.9"});
  if (!library.is_open()) return made;
  made.is_there = true;
#define KERATA_FIND(name)                                                 \
  made.name = reinterpret_cast<decltype(made.name)>(library.find(#name)); \
  made.is_there = made.is_there && made.name;
  KERATA_CUDNN_FUNCTIONS(KERATA_FIND)
#undef KERATA_FIND
  return made;
}

}  // namespace

const Cudnn& cudnn() {
  static const Cudnn functions = load();
  return functions;
}

CudnnHandle* cudnn_handle(int device) {
  static std::mutex mutex;
  static auto* handles = new std::map<int, std::unique_ptr<CudnnHandle>>;  // kernels may live longer than statics
  if (!cudnn().is_there) return nullptr;
  const std::lock_guard lock(mutex);
  const auto [place, added] = handles->emplace(device, nullptr);
  if (added) {
    place->second = std::make_unique<CudnnHandle>();
    if (cudnn().cudnnCreate(&place->second->handle) != CUDNN_STATUS_SUCCESS) place->second.reset();
  }
  return place->second.get();
}

cudnnDataType_t cudnn_type(DType dtype) {
  switch (dtype) {
    case DType::float64:
      return CUDNN_DATA_DOUBLE;
    case DType::float16:
      return CUDNN_DATA_HALF;
    case DType::bfloat16:
      return CUDNN_DATA_BFLOAT16;
    default:
      return CUDNN_DATA_FLOAT;
  }
}

void check(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char reason[512] = {};
  cudnn().cudnnGetLastErrorString(reason, sizeof reason);
  fail<BackendError>("CUDA", what, " failed: ", cudnn().cudnnGetErrorString(status), " (",
                     static_cast<const char*>(reason), ").");
}

}  // namespace kerata::cuda
