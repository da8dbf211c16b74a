// Ordering: top_k, argsort, sort.
#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

/// x (..., n) -> values (..., k), indices int32 (..., k).
std::vector<ValueType> infer_top_k(std::span<const ValueType> in, const Attrs& attrs) {
  const Dim k = attrs.as<TopKAttrs>().k, size = in[0].shape.back();
  require<ValueError>(k >= 0 && (size < 0 || k <= size), "top_k", "Expected k of at most ", size, " for x of shape ",
                      in[0].shape, ", received ", k, '.');
  const Shape shape = in[0].shape.with(-1, k);
  return {{in[0].dtype, shape}, {DType::int32, shape}};
}

std::vector<Tensor> top_k_vjp(const VjpArgs& args) {
  if (args.grad(0).is_empty()) return {Tensor()};
  return {apply(kTakeAlongAxisGrad, {args.in(), args.out(1), args.grad(0)}, AxisAttrs{args.in().rank() - 1})};
}

Tensor ordered(const Tensor& x) { return is_half(x.dtype()) ? cast_to(x, DType::float32) : x; }

}  // namespace

const OpDef kTopK = {.name = "top_k", .infer = infer_top_k, .vjp = top_k_vjp};
const OpDef kArgsort = {
    .name = "argsort",
    .infer = [](std::span<const ValueType> in, const Attrs&) { return one(DType::int32, in[0].shape); },
    .zero_gradient = true};

Tensors top_k(const Tensor& x, Dim k) {
  require<ShapeError>(x.rank() > 0, "top_k", "Expected at least one axis, received shape ().");
  std::vector<Tensor> found = apply_all(kTopK, {ordered(x)}, TopKAttrs{k});
  found[0] = cast_to(found[0], x.dtype());
  return Tensors(std::move(found));
}

Tensor argsort(const Tensor& x, Dim axis) {
  return apply(kArgsort, {ordered(x)}, AxisAttrs{normalize_axis("argsort", axis, x.rank())});
}

Tensor sort(const Tensor& x, Dim axis) { return take_along_axis(x, argsort(x, axis), axis); }

}  // namespace kerata::ops
