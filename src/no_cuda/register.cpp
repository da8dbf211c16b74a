// The library without a GPU back end.
#include "backend/device_backend.h"
#include "backend/kernel.h"

namespace kerata {

void register_cuda_kernels(KernelRegistry&) {}
DeviceBackend* cuda_backend() { return nullptr; }

}  // namespace kerata
