// Sums, products, extremes and what is made of them.
#include "kerata/ops/reduction.h"

#include "kerata/ops/control.h"
#include "kerata/ops/math.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::ops {
namespace {

using Gradients = std::vector<Tensor>;

std::vector<ValueType> infer_reduce(std::span<const ValueType> in, const Attrs& attrs) {
  const auto& p = attrs.as<ReduceAttrs>();
  return one(in[0].dtype, reduced_shape(in[0].shape, p.axes, p.keepdims));
}

/// Maximum and minimum have no value over nothing.
template <const OpDef& Op>
std::vector<ValueType> infer_extreme(std::span<const ValueType> in, const Attrs& attrs) {
  for (Dim axis : attrs.as<ReduceAttrs>().axes)
    require<ValueError>(in[0].shape[axis] != 0, Op.name, "Axis ", axis,
                        " is empty. Expected at least one element, received shape ", in[0].shape, '.');
  return infer_reduce(in, attrs);
}

/// A result of the reduction with the reduced axes back as size 1.
Tensor with_axes(const Tensor& x, const ReduceAttrs& p) { return p.keepdims ? x : insert_axes(x, p.axes); }

Gradients sum_vjp(const VjpArgs& args) {
  return {broadcast_like(with_axes(args.grad(), args.attrs.as<ReduceAttrs>()), args.in())};
}

Gradients mean_vjp(const VjpArgs& args) {
  const auto& p = args.attrs.as<ReduceAttrs>();
  const Tensor& x = args.in();
  const Shape shape = x.shape();
  Dim count = 1;
  bool known = true;
  for (Dim axis : p.axes) {
    known = known && shape[axis] >= 0;
    count *= shape[axis];
  }
  const Operand divisor =
      known ? Operand(count) : Operand(sum(filled_like(x, 1, x.dtype()), {.axis = p.axes, .keepdims = p.keepdims}));
  return {broadcast_like(with_axes(args.grad() / divisor, p), x)};
}

/// The gradient goes to the extreme elements, shared equally among ties.
Gradients extreme_vjp(const VjpArgs& args) {
  const auto& p = args.attrs.as<ReduceAttrs>();
  const Tensor& x = args.in();
  const Tensor hits = cast_to(equal(x, with_axes(args.out(), p)), x.dtype());
  const Tensor count = apply(kSum, {hits}, ReduceAttrs{p.axes, true});
  return {hits * (with_axes(args.grad(), p) / count)};
}

/// d prod / dx_i is the product of the others: also where one element is zero.
Gradients prod_vjp(const VjpArgs& args) {
  const auto& p = args.attrs.as<ReduceAttrs>();
  const ReduceAttrs keep{p.axes, true};
  const Tensor& x = args.in();
  const Tensor is_zero = equal(x, 0);
  const Tensor safe = where(is_zero, 1, x);
  const Tensor zeros = apply(kSum, {cast_to(is_zero, x.dtype())}, keep);
  const Tensor product = apply(kProd, {safe}, keep);
  const Tensor others = where(is_zero, where(equal(zeros, 1), product, 0), where(equal(zeros, 0), product / safe, 0));
  return {with_axes(args.grad(), p) * others};
}

constexpr OpDef reduction(std::string_view name, Gradients (*vjp)(const VjpArgs& args)) {
  return {.name = name, .infer = infer_reduce, .vjp = vjp};
}

/// x reduced in `dtype`, half types through float32, given back as `dtype`.
Tensor reduce(const OpDef& op, const Tensor& x, DType dtype, const Reduce& over) {
  ReduceAttrs attrs{normalize_axes(op.name, over.axis, x.rank()), over.keepdims};
  const DType computed = is_half(dtype) ? DType::float32 : dtype;
  const Tensor converted = cast_to(x, computed);
  if (attrs.axes.empty()) return cast_to(converted, dtype);
  return cast_to(apply(op, {converted}, std::move(attrs)), dtype);
}

}  // namespace

const OpDef kSum = reduction("sum", sum_vjp);
const OpDef kMean = reduction("mean", mean_vjp);
const OpDef kProd = reduction("prod", prod_vjp);
const OpDef kMax = {.name = "max", .infer = infer_extreme<kMax>, .vjp = extreme_vjp};
const OpDef kMin = {.name = "min", .infer = infer_extreme<kMin>, .vjp = extreme_vjp};
const OpDef kAny = {.name = "any", .infer = infer_reduce, .zero_gradient = true};
const OpDef kAll = {.name = "all", .infer = infer_reduce, .zero_gradient = true};

Tensor sum(const Tensor& x, const Reduce& over) { return reduce(kSum, x, accumulating(x.dtype()), over); }
Tensor mean(const Tensor& x, const Reduce& over) { return reduce(kMean, x, floating(x.dtype()), over); }
Tensor prod(const Tensor& x, const Reduce& over) { return reduce(kProd, x, accumulating(x.dtype()), over); }
Tensor max(const Tensor& x, const Reduce& over) { return reduce(kMax, x, x.dtype(), over); }
Tensor min(const Tensor& x, const Reduce& over) { return reduce(kMin, x, x.dtype(), over); }
Tensor prod(const Tensor& x, const Reduce& over, Choice<DType> dtype) {
  return reduce(kProd, cast_to(x, dtype), dtype, over);
}

namespace {

/// Nothing when no reduced axis is empty; else `initial` in the shape of the result.
Tensor of_nothing(const OpDef& op, const Tensor& x, const Reduce& over, double initial) {
  for (Dim axis : normalize_axes(op.name, over.axis, x.rank()))
    if (x.shape()[axis] == 0) return filled_like(reduce(kSum, x, x.dtype(), over), initial, x.dtype());
  return {};
}

}  // namespace

Tensor max(const Tensor& x, const Reduce& over, double initial) {
  const Tensor none = of_nothing(kMax, x, over, initial);
  return none.is_empty() ? maximum(max(x, over), initial) : none;
}
Tensor min(const Tensor& x, const Reduce& over, double initial) {
  const Tensor none = of_nothing(kMin, x, over, initial);
  return none.is_empty() ? minimum(min(x, over), initial) : none;
}
Tensor any(const Tensor& x, const Reduce& over) { return reduce(kAny, x, DType::boolean, over); }
Tensor all(const Tensor& x, const Reduce& over) { return reduce(kAll, x, DType::boolean, over); }

Tensor var(const Tensor& x, const Reduce& over) {
  const DType dtype = floating(x.dtype());
  const Tensor wide = cast_to(x, is_half(dtype) ? DType::float32 : dtype);
  const Tensor center = mean(wide, {.axis = over.axis, .keepdims = true});
  return cast_to(mean(square(wide - center), over), dtype);
}

Tensor std(const Tensor& x, const Reduce& over) { return sqrt(var(x, over)); }

// log(sum(exp(x))) = m + log(sum(exp(x - m))) with m = max(x), or 0 where that is infinite.
Tensor logsumexp(const Tensor& x, const Reduce& over) {
  const DType dtype = floating(x.dtype());
  const Tensor wide = cast_to(x, is_half(dtype) ? DType::float32 : dtype);
  const Tensor top = stop_gradient(max(wide, {.axis = over.axis, .keepdims = true}));
  const Tensor shift = where(isfinite(top), top, 0);
  const Tensor total = log(sum(exp(wide - shift), {.axis = over.axis, .keepdims = true})) + shift;
  const std::vector<Dim> axes = normalize_axes("logsumexp", over.axis, x.rank());
  return cast_to(over.keepdims ? total : drop_axes(total, axes), dtype);
}

}  // namespace kerata::ops
