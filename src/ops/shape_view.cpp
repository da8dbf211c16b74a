// Ops that change the shape and leave the elements where they are, and broadcasting.
#include <algorithm>

#include "kerata/ops/creation.h"
#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

/// A shape as a product: its known sizes multiplied, and its unknown ones.
struct Product {
  Dim known = 1;
  std::vector<Dim> unknown;
};

Product product_of(const Shape& shape, bool skip_inferred) {
  Product result;
  for (Dim d : shape) {
    if (d >= 0)
      result.known *= d;
    else if (d != -1 || !skip_inferred)
      result.unknown.push_back(d);
  }
  return result;
}

/// Takes the unknown sizes that stand on both sides out of both.
void cancel(Product& a, Product& b) {
  for (auto i = a.unknown.begin(); i != a.unknown.end();) {
    const auto same = *i == -1 ? b.unknown.end() : std::find(b.unknown.begin(), b.unknown.end(), *i);
    if (same == b.unknown.end()) {
      ++i;
    } else {
      b.unknown.erase(same);
      i = a.unknown.erase(i);
    }
  }
}

[[noreturn]] void fail_reshape(const Shape& from, const Shape& to) {
  fail<ShapeError>("reshape", "The number of elements differs. Expected a shape of ", from.size(), " elements, as ",
                   from, " has, received ", to, '.');
}

/// `to` with its -1 worked out where that is possible.
Shape infer_reshape(const Shape& from, const Shape& to) {
  const auto inferred = std::count(to.begin(), to.end(), Dim{-1});
  require<ShapeError>(inferred <= 1, "reshape", "Only one size may be -1, received ", inferred, " for x of shape ",
                      from, '.');
  Product a = product_of(from, false), b = product_of(to, true);
  cancel(a, b);
  const bool known = a.unknown.empty() && b.unknown.empty();
  if (inferred == 0) {
    if (known && a.known != b.known) fail_reshape(from, to);
    return to;
  }
  const Dim axis = std::find(to.begin(), to.end(), Dim{-1}) - to.begin();
  if (known) {
    if (b.known == 0 || a.known % b.known != 0) fail_reshape(from, to);
    return to.with(axis, a.known / b.known);
  }
  if (b.unknown.empty() && a.unknown.size() == 1 && a.known == b.known) return to.with(axis, a.unknown[0]);
  return to;
}

std::vector<Tensor> reshape_back(const VjpArgs& args) {
  std::vector<Tensor> grads(args.inputs.size());
  const Tensor& x = args.in();
  grads[0] = x.shape().is_known() ? reshape(args.grad(), x.shape()) : apply(kReshapeLike, {args.grad(), x});
  return grads;
}

std::vector<ValueType> infer_expand(std::span<const ValueType> in, const Attrs& attrs) {
  std::vector<Dim> sizes = in[0].shape.to_vector();
  for (Dim axis : attrs.as<AxesAttrs>().axes) sizes.insert(sizes.begin() + axis, 1);
  return one(in[0].dtype, Shape(sizes));
}

std::vector<ValueType> infer_squeeze(std::span<const ValueType> in, const Attrs& attrs) {
  const auto& axes = attrs.as<AxesAttrs>().axes;
  for (Dim axis : axes)
    require<ShapeError>(in[0].shape[axis] == 1 || in[0].shape[axis] < 0, "squeeze", "Axis ", axis,
                        " has not size 1. Expected 1, received shape ", in[0].shape, '.');
  return one(in[0].dtype, reduced_shape(in[0].shape, axes, false));
}

std::vector<ValueType> infer_broadcast(std::span<const ValueType> in, const Attrs& attrs) {
  const Shape from = in[0].shape;
  Shape to = attrs.as<BroadcastToAttrs>().shape;
  const Dim lead = to.rank() - from.rank();
  for (Dim i = std::max<Dim>(lead, 0); i < to.rank(); ++i)
    if (to[i] == -1) to = to.with(i, from[i - lead]);
  const bool fits = lead >= 0 && broadcast_shapes("broadcast_to", from, to) == to;
  require<ShapeError>(fits, "broadcast_to", "Shape ", from, " does not broadcast to ", to,
                      ". Expected sizes that are equal or 1.");
  return one(in[0].dtype, to);
}

std::vector<Tensor> broadcast_vjp(const VjpArgs& args) {
  std::vector<Tensor> grads(args.inputs.size());
  grads[0] = sum_to(args.grad(), args.in());
  return grads;
}

}  // namespace

const OpDef kReshape = {.name = "reshape",
                        .infer =
                            [](std::span<const ValueType> in, const Attrs& attrs) {
                              return one(in[0].dtype, infer_reshape(in[0].shape, attrs.as<ReshapeAttrs>().shape));
                            },
                        .vjp = reshape_back,
                        .is_view = true};
const OpDef kReshapeLike = {
    .name = "reshape_like",
    .infer =
        [](std::span<const ValueType> in, const Attrs&) {
          const Shape &from = in[0].shape, &to = in[1].shape;
          if (from.is_known() && to.is_known() && from.size() != to.size()) fail_reshape(from, to);
          return one(in[0].dtype, to);
        },
    .vjp = reshape_back,
    .shape_only = 0b10,
    .is_view = true};
const OpDef kExpandDims = {.name = "expand_dims", .infer = infer_expand, .vjp = reshape_back, .is_view = true};
const OpDef kSqueeze = {.name = "squeeze", .infer = infer_squeeze, .vjp = reshape_back, .is_view = true};
const OpDef kBroadcastTo = {.name = "broadcast_to", .infer = infer_broadcast, .vjp = broadcast_vjp};
const OpDef kBroadcastLike = {.name = "broadcast_like",
                              .infer =
                                  [](std::span<const ValueType> in, const Attrs&) {
                                    return one(in[0].dtype,
                                               broadcast_shapes("broadcast_like", in[0].shape, in[1].shape));
                                  },
                              .vjp = broadcast_vjp,
                              .shape_only = 0b10};

Tensor reshape(const Tensor& x, const Shape& shape) {
  return same_sizes(x.shape(), shape) ? x : apply(kReshape, {x}, ReshapeAttrs{shape});
}

Tensor insert_axes(const Tensor& x, const std::vector<Dim>& axes) {
  if (axes.empty()) return x;
  if (!x.shape().is_known()) return apply(kExpandDims, {x}, AxesAttrs{axes});
  std::vector<Dim> sizes = x.shape().to_vector();
  for (Dim axis : axes) sizes.insert(sizes.begin() + axis, 1);
  return reshape(x, Shape(sizes));
}

Tensor drop_axes(const Tensor& x, const std::vector<Dim>& axes) {
  if (axes.empty()) return x;
  const Shape shape = infer_squeeze(std::array{type_of(x)}, AxesAttrs{axes})[0].shape;
  return x.shape().is_known() ? reshape(x, shape) : apply(kSqueeze, {x}, AxesAttrs{axes});
}

Tensor expand_dims(const Tensor& x, Dim axis) {
  return insert_axes(x, {normalize_axis("expand_dims", axis, x.rank() + 1)});
}

Tensor squeeze(const Tensor& x) {
  std::vector<Dim> axes;
  for (Dim i = 0; i < x.rank(); ++i)
    if (x.shape()[i] == 1) axes.push_back(i);
  return drop_axes(x, axes);
}

Tensor squeeze(const Tensor& x, Dim axis) { return drop_axes(x, {normalize_axis("squeeze", axis, x.rank())}); }

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  return same_sizes(x.shape(), shape) ? x : apply(kBroadcastTo, {x}, BroadcastToAttrs{shape});
}

Tensor broadcast_like(const Tensor& x, const Tensor& like) {
  if (same_sizes(x.shape(), like.shape())) return x;
  return like.shape().is_known() ? broadcast_to(x, like.shape()) : apply(kBroadcastLike, {x, like});
}

}  // namespace kerata::ops
