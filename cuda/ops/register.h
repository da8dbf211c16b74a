// The parts of register_cuda_kernels, one a file of this folder.
#pragma once

#include "backend/kernel.h"

namespace kerata::cuda {

void register_batch_norm(KernelRegistry& registry);
void register_cast_all(KernelRegistry& registry);
void register_elementwise(KernelRegistry& registry);
void register_optimizers(KernelRegistry& registry);
void register_random(KernelRegistry& registry);
void register_reductions(KernelRegistry& registry);
void register_softmax(KernelRegistry& registry);
void register_moves(KernelRegistry& registry);
void register_indices(KernelRegistry& registry);
void register_matmul(KernelRegistry& registry);
void register_conv(KernelRegistry& registry);
void register_cudnn_conv(KernelRegistry& registry);
void register_pool(KernelRegistry& registry);
void register_lstm(KernelRegistry& registry);
void register_cudnn_lstm(KernelRegistry& registry);

}  // namespace kerata::cuda
