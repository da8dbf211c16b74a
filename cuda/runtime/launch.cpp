#include "cuda/runtime/launch.h"

#include <algorithm>

#include "core/require.h"
#include "cuda/runtime/recording.h"

namespace kerata::cuda {

Grid grid_for(std::int64_t count, std::int64_t each) {
  constexpr std::int64_t kThreads = 256, kMostBlocks = 1 << 16;
  const std::int64_t blocks = (count + kThreads * each - 1) / (kThreads * each);
  return {static_cast<unsigned>(std::clamp<std::int64_t>(blocks, 1, kMostBlocks)), 1, 1, kThreads};
}

void launch_bytes(int device, const KernelFunction& function, const Grid& grid, std::span<const std::byte> parameters,
                  const KernelArgs& args) {
  const Context& context = context_of(device);
  if (args.queue == context.recording && context.recorded)
    return context.recorded->add({function, grid, {parameters.begin(), parameters.end()}, {}});
  launch_at_once(context, function, grid, parameters.data(), static_cast<CUstream>(args.queue));
}

void announce(int device, std::shared_ptr<const MemoryUse> use, Queue queue) {
  const Context& context = context_of(device);
  if (queue == context.recording && context.recorded) context.recorded->announce(std::move(use));
}

void launch_at_once(const Context& context, const KernelFunction& function, const Grid& grid, const void* parameters,
                    CUstream queue) {
  context.enter();
  void* list[] = {const_cast<void*>(parameters)};
  check(driver().cuLaunchKernel(function.get(), grid.x, grid.y, grid.z, grid.threads, 1, 1, 0, queue, list, nullptr),
        "cuLaunchKernel", context.index);
}

CUstream stream_of(int device, Queue queue) {
  const Context& context = context_of(device);
  if (queue == context.recording && context.recorded) context.recorded->flush();
  return static_cast<CUstream>(queue);
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
