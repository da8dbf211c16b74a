#include "kerata/core/device.h"

#include "core/require.h"

namespace kerata {

Device Device::cpu() { return {}; }

Device Device::cuda(int index) {
  fail<BackendError>("Device.cuda", "There is no GPU ", index,
                     ": this build has no GPU back end. Hint: use Device::best(), which takes the CPU then.");
}

Device Device::best() { return cpu(); }

std::string to_string(Device device) { return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index()); }

}  // namespace kerata
