// The stages of a reduction cut into blocks for threads, and the memory that they need.
#pragma once

#include "ops/reduce_stages.h"

namespace kerata::cpu {

struct ReducePlan : ReduceStages {
  /// Elements of workspace: for the results between stages, then for the blocks of one stage.
  std::int64_t between = 0, partials = 0;
};

/// axes: sorted, not negative.
ReducePlan plan_reduction(const Shape& x, const std::vector<Dim>& axes);

}  // namespace kerata::cpu
