// Reading and adding by index: take, scatter_add, one_hot.
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

/// Shape `x` with `axis` replaced by the axes of `indices`.
Shape taken_shape(const Shape& x, const Shape& indices, Dim axis) {
  std::vector<Dim> sizes(x.begin(), x.begin() + axis);
  sizes.insert(sizes.end(), indices.begin(), indices.end());
  sizes.insert(sizes.end(), x.begin() + axis + 1, x.end());
  return Shape(sizes);
}

/// (x, indices) -> x with `axis` replaced by the axes of indices.
std::vector<ValueType> infer_take(std::span<const ValueType> in, const Attrs& attrs) {
  return one(in[0].dtype, taken_shape(in[0].shape, in[1].shape, attrs.as<AxisAttrs>().axis));
}

std::vector<Tensor> take_vjp(const VjpArgs& args) {
  return {apply(kTakeGrad, {args.in(0), args.in(1), args.grad()}, args.attrs), Tensor()};
}

/// (like, indices, updates) -> updates' type in like's shape.
std::vector<ValueType> infer_take_grad(std::span<const ValueType> in, const Attrs&) {
  return one(in[2].dtype, in[0].shape);
}

std::vector<Tensor> take_grad_vjp(const VjpArgs& args) {
  return {Tensor(), Tensor(), apply(kTake, {args.grad(), args.in(1)}, args.attrs)};
}

/// (x, indices) of one rank -> indices' shape.
std::vector<ValueType> infer_take_along(std::span<const ValueType> in, const Attrs& attrs) {
  const Dim axis = attrs.as<AxisAttrs>().axis;
  const Shape &x = in[0].shape, &indices = in[1].shape;
  const bool fits = x.rank() == indices.rank() && x.with(axis, 1) == indices.with(axis, 1);
  require<ShapeError>(fits, "take_along_axis", "The shapes differ beside axis ", axis, ". Expected indices for ", x,
                      ", received ", indices, '.');
  return one(in[0].dtype, indices);
}

std::vector<Tensor> take_along_vjp(const VjpArgs& args) {
  return {apply(kTakeAlongAxisGrad, {args.in(0), args.in(1), args.grad()}, args.attrs), Tensor()};
}

std::vector<Tensor> take_along_grad_vjp(const VjpArgs& args) {
  return {Tensor(), Tensor(), apply(kTakeAlongAxis, {args.grad(), args.in(1)}, args.attrs)};
}

/// (x, indices, updates of shape indices + x[1:]) -> x's shape.
std::vector<ValueType> infer_scatter_add(std::span<const ValueType> in, const Attrs&) {
  require<ShapeError>(in[0].shape.rank() > 0, "scatter_add", "Expected x with at least one axis, received shape ().");
  const Shape expected = taken_shape(in[0].shape, in[1].shape, 0);
  require<ShapeError>(in[2].shape == expected, "scatter_add", "The updates do not fit. Expected shape ", expected,
                      " for indices ", in[1].shape, " into ", in[0].shape, ", received ", in[2].shape, '.');
  return {in[0]};
}

std::vector<Tensor> scatter_add_vjp(const VjpArgs& args) {
  return {args.grad(), Tensor(), if_needed(args, 2, [&] {
            return apply(kTake, {args.grad(), args.in(1)}, AxisAttrs{0});
          })};
}

std::vector<ValueType> infer_one_hot(std::span<const ValueType> in, const Attrs& attrs) {
  const auto& p = attrs.as<OneHotAttrs>();
  std::vector<Dim> sizes = in[0].shape.to_vector();
  sizes.insert(sizes.begin() + p.axis, p.num_classes);
  return one(p.dtype, Shape(sizes));
}

/// int32 or int64, which the kernels read.
Tensor as_indices(const Tensor& indices) {
  const DType dtype = indices.dtype();
  return dtype == DType::int32 || dtype == DType::int64 ? indices : cast(indices, DType::int32);
}

}  // namespace

const OpDef kTake = {.name = "take", .infer = infer_take, .vjp = take_vjp};
const OpDef kTakeGrad = {.name = "take_grad", .infer = infer_take_grad, .vjp = take_grad_vjp, .shape_only = 0b1};
const OpDef kTakeAlongAxis = {.name = "take_along_axis", .infer = infer_take_along, .vjp = take_along_vjp};
const OpDef kTakeAlongAxisGrad = {
    .name = "take_along_axis_grad", .infer = infer_take_grad, .vjp = take_along_grad_vjp, .shape_only = 0b1};
const OpDef kScatterAdd = {.name = "scatter_add", .infer = infer_scatter_add, .vjp = scatter_add_vjp};
const OpDef kOneHot = {.name = "one_hot", .infer = infer_one_hot, .zero_gradient = true};

Tensor take(const Tensor& x, const Tensor& indices) { return take(x.rank() == 1 ? x : reshape(x, {-1}), indices, 0); }
Tensor take(const Tensor& x, const Tensor& indices, Dim axis) {
  const Dim at = normalize_axis("take", axis, x.rank());
  return apply(kTake, {x, as_indices(indices)}, AxisAttrs{at});
}

Tensor take_along_axis(const Tensor& x, const Tensor& indices, Dim axis) {
  const Dim at = normalize_axis("take_along_axis", axis, x.rank());
  return apply(kTakeAlongAxis, {x, as_indices(indices)}, AxisAttrs{at});
}

Tensor scatter_add(const Tensor& x, const Tensor& indices, const Tensor& updates) {
  const DType computed = is_half(x.dtype()) ? DType::float32 : x.dtype();
  return cast_to(apply(kScatterAdd, {cast_to(x, computed), as_indices(indices), cast_to(updates, computed)}),
                 x.dtype());
}

Tensor one_hot(const Tensor& x, Dim num_classes, Dim axis, Choice<DType> dtype) {
  require<ValueError>(num_classes > 0, "one_hot", "Expected at least one class, received ", num_classes, '.');
  const Dim at = normalize_axis("one_hot", axis, x.rank() + 1);
  return apply(kOneHot, {as_indices(x)}, OneHotAttrs{num_classes, at, dtype});
}

}  // namespace kerata::ops
