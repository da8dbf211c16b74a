#include "cpu/broadcast.h"

#include <algorithm>

namespace kerata::cpu {
namespace {

using Strides = std::array<std::int64_t, 3>;

/// Elements to go on when the output's index along each axis grows by one.
std::vector<Strides> strides_of(const Shape& out, std::span<const ValueType> operands) {
  std::vector<Strides> strides(static_cast<std::size_t>(out.rank()), Strides{});
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const Shape& shape = operands[k].shape;
    const Dim lead = out.rank() - shape.rank();
    std::int64_t stride = 1;
    for (Dim axis = out.rank() - 1; axis >= lead; --axis) {
      const Dim size = shape[axis - lead];
      strides[static_cast<std::size_t>(axis)][k] = size == 1 ? 0 : stride;
      stride *= size;
    }
  }
  return strides;
}

}  // namespace

BroadcastPlan plan_broadcast(const Shape& out, std::span<const ValueType> operands) {
  const std::vector<Strides> strides = strides_of(out, operands);
  std::vector<std::int64_t> sizes;  // from the innermost axis on, merged
  std::vector<Strides> steps;
  for (Dim axis = out.rank() - 1; axis >= 0; --axis) {
    const Strides& step = strides[static_cast<std::size_t>(axis)];
    if (out[axis] == 1) continue;
    bool merges = !sizes.empty();
    for (std::size_t k = 0; merges && k < 3; ++k) merges = step[k] == steps.back()[k] * sizes.back();
    if (merges) {
      sizes.back() *= out[axis];
    } else {
      sizes.push_back(out[axis]);
      steps.push_back(step);
    }
  }
  BroadcastPlan plan;
  if (sizes.empty()) {
    plan.moves = {true, true, true};
    return plan;
  }
  plan.inner = sizes[0];
  for (std::size_t k = 0; k < 3; ++k) plan.moves[k] = steps[0][k] != 0;
  plan.sizes.assign(sizes.rbegin(), sizes.rend() - 1);
  plan.strides.assign(steps.rbegin(), steps.rend() - 1);
  for (std::int64_t size : plan.sizes) plan.rows *= size;
  if (out.size() == 0) plan.rows = plan.inner = 0;
  return plan;
}

}  // namespace kerata::cpu
