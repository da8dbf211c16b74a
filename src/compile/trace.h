// trace(): a function of tensors captured as a graph of primitive ops.
#pragma once

#include "graph/scope.h"
#include "kerata/core/function.h"

namespace kerata {

/// What a traced function computes: results, and the state that it writes.
struct TracedFunction {
  std::vector<Tensor> inputs;  // placeholders with known sizes
  std::vector<Tensor> outputs;
  std::vector<std::pair<Variable, Tensor>> updates;  // the last value of each variable written
  Tensor random_state;  // placeholder int64 (2,) {key, step}, read by random ops; unused if there are none
};

/// Calls `f` on placeholders of the given types (sizes known) inside a tracing scope.
TracedFunction trace(const std::vector<ValueType>& inputs, bool training,
                     const Function<std::vector<Tensor>(const std::vector<Tensor>& placeholders, Scope& scope)>& f);

}  // namespace kerata
