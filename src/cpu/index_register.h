// The part of register_index_kernels that lives in sort_kernels.cpp.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu {

void register_sort_kernels(KernelRegistry& registry);  // argsort, top_k

}  // namespace kerata::cpu
