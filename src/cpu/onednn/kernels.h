// The kernels that oneDNN takes over.
#pragma once

#include "backend/kernel.h"

namespace kerata::cpu::onednn {

void register_conv(KernelRegistry& registry);

}  // namespace kerata::cpu::onednn
