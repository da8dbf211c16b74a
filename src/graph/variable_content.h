// The memory of variables: who writes it, and what a gradient tape keeps of it.
#pragma once

#include "graph/node.h"

namespace kerata {

/// The operand that an eager op records: under a tape, a variable's content as it is now, which later writes leave
/// alone (it shares the variable's memory until the next one); everything else is itself.
Tensor recorded_operand(const Tensor& x);
/// Called before the memory of a variable changes: what tapes recorded of it gets memory of its own.
void keep_recorded(VariableCell& cell);
/// Replaces the content; `value` has the same number of elements and is cast.
void overwrite(VariableCell& cell, const Tensor& value);
/// The node under which gradients by x are summed: what a tape recorded of a variable counts for the variable.
const Node* gradient_node(const Tensor& x);

}  // namespace kerata
