// The parts of register_elementwise_kernels.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu {

void register_binary_kernels(KernelRegistry& registry);
void register_unary_kernels(KernelRegistry& registry);
void register_select_kernels(KernelRegistry& registry);  // where, cast, full

}  // namespace kerata::cpu
