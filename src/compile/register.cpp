#include "compile/register.h"

namespace kerata {

void register_compile_kernels(KernelRegistry& registry) {
  register_scan_kernel(registry);
  register_half_kernels(registry);
}

}  // namespace kerata
