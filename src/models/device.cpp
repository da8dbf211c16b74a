// Model::to.
#include "core/require.h"
#include "kerata/models/model.h"

namespace kerata {

// Weights lie where the device is; this build knows the CPU only, where they are already.
void Model::to(Device device) {
  require<BackendError>(device.is_cpu(), "Model.to", "There is no ", device, ": this build has no GPU back end.");
}

}  // namespace kerata
