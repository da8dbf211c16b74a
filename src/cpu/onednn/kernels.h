// The kernels that oneDNN takes over.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu::onednn {

void register_conv(KernelRegistry& registry);
void register_matmul(KernelRegistry& registry);

}  // namespace kerata::cpu::onednn
