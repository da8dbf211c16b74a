// argmax, argmin, cumsum and the sum that undoes broadcasting.
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"
#include "ops/reduce_stages.h"

namespace kerata::ops {
namespace {

/// x -> int32 without the axis.
template <const OpDef& Op>
std::vector<ValueType> infer_arg(std::span<const ValueType> in, const Attrs& attrs) {
  const Dim axis = attrs.as<AxisAttrs>().axis;
  require<ValueError>(in[0].shape[axis] != 0, Op.name, "Axis ", axis,
                      " is empty. Expected at least one element, received shape ", in[0].shape, '.');
  return one(DType::int32, reduced_shape(in[0].shape, {axis}, false));
}

std::vector<Tensor> cumsum_vjp(const VjpArgs& args) {
  const Dim axis = args.attrs.as<AxisAttrs>().axis;
  return {flip(cumsum(flip(args.grad(), axis), axis), axis)};
}

/// (x, like) -> x's type in like's shape, to which x's shape must broadcast back.
std::vector<ValueType> infer_sum_to(std::span<const ValueType> in, const Attrs&) {
  const Shape all = broadcast_shapes("sum_to", in[0].shape, in[1].shape);
  require<ShapeError>(all == in[0].shape, "sum_to", "Expected a shape that broadcasts to ", in[0].shape, ", received ",
                      in[1].shape, '.');
  return one(in[0].dtype, in[1].shape);
}

std::vector<Tensor> sum_to_vjp(const VjpArgs& args) { return {broadcast_like(args.grad(), args.in()), Tensor()}; }

Tensor arg(const OpDef& op, const Tensor& x, Dim axis, bool keepdims) {
  const Tensor computed = is_half(x.dtype()) ? cast_to(x, DType::float32) : x;
  const Dim at = normalize_axis(op.name, axis, x.rank());
  const Tensor result = apply(op, {computed}, AxisAttrs{at});
  return keepdims ? expand_dims(result, at) : result;
}

Tensor flat(const Tensor& x) { return x.rank() == 1 ? x : reshape(x, {-1}); }

}  // namespace

const OpDef kArgmax = {.name = "argmax", .infer = infer_arg<kArgmax>, .zero_gradient = true};
const OpDef kArgmin = {.name = "argmin", .infer = infer_arg<kArgmin>, .zero_gradient = true};
const OpDef kCumsum = {.name = "cumsum", .infer = infer_same, .vjp = cumsum_vjp};
const OpDef kSumTo = {.name = "sum_to", .infer = infer_sum_to, .vjp = sum_to_vjp, .shape_only = 0b10};

Tensor argmax(const Tensor& x) { return arg(kArgmax, flat(x), 0, false); }
Tensor argmax(const Tensor& x, Dim axis, bool keepdims) { return arg(kArgmax, x, axis, keepdims); }
Tensor argmin(const Tensor& x) { return arg(kArgmin, flat(x), 0, false); }
Tensor argmin(const Tensor& x, Dim axis, bool keepdims) { return arg(kArgmin, x, axis, keepdims); }

Tensor cumsum(const Tensor& x) { return cumsum(flat(x), 0); }
Tensor cumsum(const Tensor& x, Dim axis) {
  const DType dtype = x.dtype() == DType::boolean ? DType::int32 : x.dtype();
  const Tensor computed = cast_to(x, is_half(dtype) ? DType::float32 : dtype);
  return cast_to(apply(kCumsum, {computed}, AxisAttrs{normalize_axis("cumsum", axis, x.rank())}), dtype);
}

Tensor sum_to(const Tensor& x, const Tensor& like) {
  const Shape from = x.shape(), to = like.shape();
  if (same_sizes(from, to)) return x;
  if (!from.is_known() || !to.is_known()) return apply(kSumTo, {x, like});
  const std::vector<Dim> axes = broadcast_axes(from, to);
  if (axes.empty()) return x;
  return reshape(apply(kSum, {x}, ReduceAttrs{axes, false}), to);
}

}  // namespace kerata::ops
