#include "cuda/ops/register.h"

namespace kerata {

void register_cuda_kernels(KernelRegistry& registry) { cuda::register_elementwise(registry); }

}  // namespace kerata
