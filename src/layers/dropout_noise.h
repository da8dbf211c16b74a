// Random zeros for Dropout and recurrent layers.
#pragma once

#include "kerata/layers/layer.h"

namespace kerata::layers {

/// A state that gives a layer with a seed of its own new numbers at each call: int64 {seed, calls}. Empty for seed < 0.
Variable seed_state(std::int64_t seed);
/// Uniform numbers in [0, 1), from the layer's seed state or the global stream.
Tensor uniform_noise(const Shape& shape, const Variable& seed_state, const CallContext& context);
/// x with each value zero with probability `rate`, the others divided by 1 - rate; `noise` (broadcast to x) says which.
Tensor drop(const Tensor& x, const Tensor& noise, double rate);

}  // namespace kerata::layers
