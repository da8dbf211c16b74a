#include "cuda/ops/register.h"

namespace kerata {

void register_cuda_kernels(KernelRegistry& registry) {
  cuda::register_elementwise(registry);
  cuda::register_batch_norm(registry);
  cuda::register_cast_all(registry);
  cuda::register_optimizers(registry);
  cuda::register_random(registry);
  cuda::register_reductions(registry);
  cuda::register_softmax(registry);
  cuda::register_moves(registry);
  cuda::register_indices(registry);
  cuda::register_matmul(registry);
  cuda::register_conv(registry);
  cuda::register_cudnn_conv(registry);  // after register_conv: asked first
  cuda::register_pool(registry);
  cuda::register_lstm(registry);
  cuda::register_cudnn_lstm(registry);
}

}  // namespace kerata
