// The library without a GPU back end.
#include "backend/kernel.h"

namespace kerata {

void register_cuda_kernels(KernelRegistry&) {}

}  // namespace kerata
