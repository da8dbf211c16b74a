// The part of register_reduction_kernels that lives in reduce_index.cpp.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu {

void register_scan_reductions(KernelRegistry& registry);  // argmax, argmin, cumsum

}  // namespace kerata::cpu
