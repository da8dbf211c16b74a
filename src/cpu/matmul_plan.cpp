#include "cpu/matmul_plan.h"

namespace kerata::cpu {
namespace {

Dim count(const Shape& shape, Dim from, Dim to) {
  Dim product = 1;
  for (Dim axis = from; axis < to; ++axis) product *= shape[axis];
  return product;
}

// Where the matrix of batch element `index` of the result begins, with broadcasting.
Dim offset_of(Dim index, const Shape& result, const Shape& operand) {
  Dim offset = 0, stride = operand[-1] * operand[-2];
  for (Dim axis = result.rank() - 3; axis >= 0; --axis) {
    const Dim own = axis - (result.rank() - operand.rank()), at = index % result[axis];
    index /= result[axis];
    if (own < 0) continue;
    if (operand[own] != 1) offset += at * stride;
    stride *= operand[own];
  }
  return offset;
}

}  // namespace

MatmulPlan matmul_plan(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::MatmulAttrs>();
  const Shape &a = spec.in[0].shape, &b = spec.in[1].shape, &y = spec.out[0].shape;
  MatmulPlan plan;
  plan.shape = gemm_shape(p.trans_a, p.trans_b, y[-2], y[-1], a[p.trans_a ? -2 : -1]);
  plan.has_bias = p.has_bias;
  plan.activation = p.activation;
  const Dim batch_a = count(a, 0, a.rank() - 2), batch_b = count(b, 0, b.rank() - 2);
  plan.batch = count(y, 0, y.rank() - 2);
  if (batch_b == 1 && !p.trans_a && batch_a == plan.batch) {  // all rows of all matrices at once
    plan.shape.m *= plan.batch;
    plan.batch = 1;
    return plan;
  }
  plan.step_a = batch_a == plan.batch ? a[-1] * a[-2] : 0;
  plan.step_b = batch_b == plan.batch ? b[-1] * b[-2] : 0;
  const bool regular = (batch_a == plan.batch || batch_a == 1) && (batch_b == plan.batch || batch_b == 1);
  for (Dim i = 0; !regular && i < plan.batch; ++i) plan.offsets.emplace_back(offset_of(i, y, a), offset_of(i, y, b));
  return plan;
}

}  // namespace kerata::cpu
