// A reduction over any axes as a chain of stages over arrays (outer, count, inner).
#pragma once

#include <vector>

#include "kerata/core/shape.h"

namespace kerata::cpu {

/// (outer, count, inner) -> (outer, inner). `count` is cut into `blocks` runs of `block` (the last may be shorter),
/// which are reduced apart and then together.
struct ReduceStage {
  std::int64_t outer = 1, count = 1, inner = 1;
  std::int64_t block = 1, blocks = 1;
  std::int64_t partials() const { return blocks > 1 ? outer * blocks * inner : 0; }
};

struct ReducePlan {
  std::vector<ReduceStage> stages;  // none: the elements are copied, or there are none
  std::int64_t out_size = 1, reduced = 1;
  /// Elements of workspace: for the results between stages, then for the blocks of one stage.
  std::int64_t between = 0, partials = 0;
};

/// axes: sorted, not negative.
ReducePlan plan_reduction(const Shape& x, const std::vector<Dim>& axes);

}  // namespace kerata::cpu
