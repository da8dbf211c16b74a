// trace(): a function of tensors captured as a graph of primitive ops.
#pragma once

#include <optional>

#include "graph/scope.h"
#include "kerata/core/function.h"

namespace kerata {

/// What a traced function computes: results, and the state that it writes.
struct TracedFunction {
  std::vector<Tensor> inputs;  // placeholders with known sizes
  std::vector<Tensor> outputs;
  std::vector<std::pair<Variable, Tensor>> updates;  // the last value of each variable written
  Tensor random_state;  // placeholder int64 (2,) {key, step}, read by random ops; unused if there are none
  /// Of the body of a loop: so many of its first outputs are the first inputs of the next run, and are left where these
  /// lie. The other outputs lie where Binding::set_output() wants them.
  std::optional<std::size_t> num_carries = {};
};

/// Calls `f` on placeholders of the given types (sizes known) inside a tracing scope.
TracedFunction trace(const std::vector<ValueType>& inputs, bool training,
                     const Function<std::vector<Tensor>(const std::vector<Tensor>& placeholders, Scope& scope)>& f);

}  // namespace kerata
