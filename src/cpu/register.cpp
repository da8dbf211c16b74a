#include "cpu/register.h"

namespace kerata {

void register_cpu_kernels(KernelRegistry& registry) {
  cpu::register_elementwise_kernels(registry);
  cpu::register_fused_kernels(registry);
  cpu::register_reduction_kernels(registry);
  cpu::register_shape_kernels(registry);
  cpu::register_index_kernels(registry);
  cpu::register_linalg_kernels(registry);
  cpu::register_nn_kernels(registry);
  cpu::register_random_kernels(registry);
  cpu::register_optimizer_kernels(registry);
  cpu::register_onednn_kernels(registry);
}

}  // namespace kerata
