// Bringing a model's variables to the device that it runs on.
#pragma once

#include <span>
#include <string_view>

#include "models/model_state.h"

namespace kerata::training {

/// Where the model runs: what Model::to() said, else the default device.
Device device_of(const ModelLayer& model);
/// Moves those that lie elsewhere. Throws StateError when another thread uses one of them.
void place(std::span<const Variable> variables, Device device, std::string_view where);

}  // namespace kerata::training
