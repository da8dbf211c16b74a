#include "cpu/reduce_plan.h"

#include <algorithm>

namespace kerata::cpu {
namespace {

struct Group {
  std::int64_t size;
  bool reduced;
};

/// Adjacent axes of one kind merged, axes of size 1 left out.
std::vector<Group> merge_axes(const Shape& x, const std::vector<Dim>& axes) {
  std::vector<Group> groups;
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

void cut_blocks(ReduceStage& stage) {
  constexpr std::int64_t kBlockElements = 16384;
  stage.block = stage.count;
  const std::int64_t block = std::max<std::int64_t>(32, (kBlockElements + stage.inner - 1) / stage.inner);
  const bool rows_of_one = stage.inner == 1 && stage.outer > 1;  // shared out by rows
  if (rows_of_one || stage.count < 2 * block) return;
  stage.block = block;
  stage.blocks = (stage.count + block - 1) / block;
}

}  // namespace

ReducePlan plan_reduction(const Shape& x, const std::vector<Dim>& axes) {
  ReducePlan plan;
  std::vector<Group> groups = merge_axes(x, axes);
  for (const Group& group : groups) (group.reduced ? plan.reduced : plan.out_size) *= group.size;
  if (plan.out_size == 0 || plan.reduced == 0) return plan;
  while (true) {  // the last reduced group first
    const auto last = std::find_if(groups.rbegin(), groups.rend(), [](const Group& g) { return g.reduced; });
    if (last == groups.rend()) return plan;
    const auto at = static_cast<std::size_t>(groups.rend() - last) - 1;
    ReduceStage stage{.count = groups[at].size};
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (i != at) (i < at ? stage.outer : stage.inner) *= groups[i].size;
    cut_blocks(stage);
    if (!plan.stages.empty())
      plan.between = std::max(plan.between, plan.stages.back().outer * plan.stages.back().inner);
    plan.partials = std::max(plan.partials, stage.partials());
    plan.stages.push_back(stage);
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace kerata::cpu
