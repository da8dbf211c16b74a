#include "cpu/onednn/kernels.h"
#include "cpu/register.h"

namespace kerata::cpu {

void register_onednn_kernels(KernelRegistry& registry) { onednn::register_conv(registry); }

}  // namespace kerata::cpu
