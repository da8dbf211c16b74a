// A reduction over any axes as a chain of stages over arrays (outer, count, inner), for the kernels of every device.
#pragma once

#include <algorithm>
#include <vector>

#include "kerata/core/shape.h"

namespace kerata {

/// (outer, count, inner) -> (outer, inner). `count` is cut into `blocks` runs of `block` (the last may be shorter),
/// which are reduced apart and then together; how, the device's kernels say.
struct ReduceStage {
  std::int64_t outer = 1, count = 1, inner = 1;
  std::int64_t block = 1, blocks = 1;
  std::int64_t partials() const { return blocks > 1 ? outer * blocks * inner : 0; }
};

struct ReduceStages {
  std::vector<ReduceStage> stages;  // not cut; none: the elements are copied, or there are none
  std::int64_t out_size = 1, reduced = 1;
};

namespace detail {

struct ReduceGroup {
  std::int64_t size;
  bool reduced;
};
/// Adjacent axes of one kind merged, axes of size 1 left out.
inline std::vector<ReduceGroup> merge_axes(const Shape& x, const std::vector<Dim>& axes) {
  std::vector<ReduceGroup> groups;
  for (Dim i = 0; i < x.rank(); ++i) {
    const bool reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (x[i] == 1) continue;
    if (!groups.empty() && groups.back().reduced == reduced)
      groups.back().size *= x[i];
    else
      groups.push_back({x[i], reduced});
  }
  return groups;
}

}  // namespace detail

/// The last reduced axes first. axes: sorted, not negative.
inline ReduceStages reduce_stages(const Shape& x, const std::vector<Dim>& axes) {
  ReduceStages plan;
  std::vector<detail::ReduceGroup> groups = detail::merge_axes(x, axes);
  for (const detail::ReduceGroup& group : groups) (group.reduced ? plan.reduced : plan.out_size) *= group.size;
  if (plan.out_size == 0 || plan.reduced == 0) return plan;
  while (true) {
    const auto last = std::find_if(groups.rbegin(), groups.rend(), [](const auto& group) { return group.reduced; });
    if (last == groups.rend()) return plan;
    const auto at = static_cast<std::size_t>(groups.rend() - last) - 1;
    ReduceStage stage;
    stage.count = groups[at].size;
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (i != at) (i < at ? stage.outer : stage.inner) *= groups[i].size;
    plan.stages.push_back(stage);
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

/// x summed over the axes along which `to` was broadcast to `from`: these axes.
inline std::vector<Dim> broadcast_axes(const Shape& from, const Shape& to) {
  const Dim lead = from.rank() - to.rank();
  std::vector<Dim> axes;
  for (Dim i = 0; i < from.rank(); ++i)
    if (i < lead || (to[i - lead] == 1 && from[i] != 1)) axes.push_back(i);
  return axes;
}

}  // namespace kerata
