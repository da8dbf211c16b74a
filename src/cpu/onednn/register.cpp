#include "cpu/register.h"
#include "cpu/onednn/kernels.h"

namespace kerata::cpu {

void register_onednn_kernels(KernelRegistry& registry) {
  onednn::register_conv(registry);
  onednn::register_matmul(registry);
}

}  // namespace kerata::cpu
