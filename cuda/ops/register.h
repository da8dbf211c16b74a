// The parts of register_cuda_kernels, one a file of this folder.
#pragma once

#include "backend/kernel.h"

namespace kerata::cuda {

void register_elementwise(KernelRegistry& registry);

}  // namespace kerata::cuda
