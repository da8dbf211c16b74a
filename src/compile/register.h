// Kernels that need the compiler themselves.
#pragma once

#include "backend/kernel.h"

namespace kerata {

void register_scan_kernel(KernelRegistry& registry);
void register_half_kernels(KernelRegistry& registry);

}  // namespace kerata
