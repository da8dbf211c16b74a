// Composite: something that expands into primitive ops (a layer or a model), as the graph sees it.
#pragma once

#include "kerata/graph/call_context.h"

#pragma GCC visibility push(default)

namespace kerata {

/// How a layer was called. A composite node's inputs are [inputs, masks that were given, initial states].
struct CallRecord {
  Training training = Training::inherit;
  std::size_t num_inputs = 1;
  std::vector<int> mask_at = {};         // per input: index of its mask among the node's inputs, or -1
  std::size_t num_states = 0;            // at the end of the node's inputs
  Training written = Training::inherit;  // what a file says of training: written again, but fit() and predict() decide
};

/// Implemented by LayerBase.
class Composite {
 public:
  virtual ~Composite() = default;
  /// The outputs (carrying their masks) for other inputs of a recorded call; `inputs` in the node's layout.
  virtual std::vector<Tensor> expand(const std::vector<Tensor>& inputs, const CallRecord& record) const = 0;
};

}  // namespace kerata

#pragma GCC visibility pop
