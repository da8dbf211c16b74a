// One function per family of kernels; a later registration of the same op is asked first.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu {

void register_elementwise_kernels(KernelRegistry& registry);
void register_fused_kernels(KernelRegistry& registry);  // chains made by the compiler
void register_reduction_kernels(KernelRegistry& registry);
void register_shape_kernels(KernelRegistry& registry);
void register_index_kernels(KernelRegistry& registry);
void register_linalg_kernels(KernelRegistry& registry);
void register_nn_kernels(KernelRegistry& registry);
void register_random_kernels(KernelRegistry& registry);
void register_optimizer_kernels(KernelRegistry& registry);
void register_onednn_kernels(KernelRegistry& registry);  // onednn/ or no_onednn/

}  // namespace kerata::cpu
