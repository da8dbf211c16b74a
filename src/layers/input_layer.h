// The InputLayer behind the tensor that Input() gives.
#pragma once

#include "kerata/layers/input.h"

namespace kerata {

/// Null when x was not made by Input().
std::shared_ptr<LayerBase> input_layer_of(const Tensor& x);

}  // namespace kerata
