#include "cpu/reduce_plan.h"

#include <algorithm>

namespace kerata::cpu {
namespace {

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
  ReducePlan plan{reduce_stages(x, axes)};
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    ReduceStage& stage = plan.stages[i];
    cut_blocks(stage);
    if (i + 1 < plan.stages.size()) plan.between = std::max(plan.between, stage.outer * stage.inner);
    plan.partials = std::max(plan.partials, stage.partials());
  }
  return plan;
}

}  // namespace kerata::cpu
