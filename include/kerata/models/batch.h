// Batch: what one training step works on.
#pragma once

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Inputs, targets and weights of some samples.
struct Batch {
  Tensors x;
  Tensors y = {};
  Tensors sample_weight = {};  // none, one for all outputs, or one per output
};

}  // namespace kerata

#pragma GCC visibility pop
