#include "cuda/runtime/launch.h"

#include <algorithm>

#include "core/require.h"

namespace kerata::cuda {

Grid grid_for(std::int64_t count, std::int64_t each) {
  constexpr std::int64_t kThreads = 256, kMostBlocks = 1 << 16;
  const std::int64_t blocks = (count + kThreads * each - 1) / (kThreads * each);
  return {static_cast<unsigned>(std::clamp<std::int64_t>(blocks, 1, kMostBlocks)), 1, 1, kThreads};
}

void launch_bytes(int device, const KernelFunction& function, const Grid& grid, const void* parameters,
                  const KernelArgs& args) {
  context_of(device).enter();
  void* list[] = {const_cast<void*>(parameters)};
  check(driver().cuLaunchKernel(function.get(), grid.x, grid.y, grid.z, grid.threads, 1, 1, 0,
                                static_cast<CUstream>(args.queue), list, nullptr),
        "cuLaunchKernel", device);
}

const char* storage_name(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float";
    case DType::float64:
      return "double";
    case DType::float16:
      return "half_t";
    case DType::bfloat16:
      return "bfloat_t";
    case DType::int8:
      return "signed char";
    case DType::int16:
      return "short";
    case DType::int32:
      return "int";
    case DType::int64:
      return "long long";
    case DType::uint8:
      return "unsigned char";
    case DType::boolean:
      return "bool";
    default:
      fail<BackendError>("CUDA", "There are no kernels for ", dtype, " on a GPU.");
  }
}

}  // namespace kerata::cuda
