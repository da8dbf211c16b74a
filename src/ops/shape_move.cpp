// Ops that put elements elsewhere: transpose, flip, pad, tile, repeat.
#include <algorithm>

#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

std::vector<ValueType> infer_transpose(std::span<const ValueType> in, const Attrs& attrs) {
  std::vector<Dim> sizes;
  for (Dim axis : attrs.as<TransposeAttrs>().axes) sizes.push_back(in[0].shape[axis]);
  return one(in[0].dtype, Shape(sizes));
}

std::vector<Tensor> transpose_vjp(const VjpArgs& args) {
  const auto& axes = args.attrs.as<TransposeAttrs>().axes;
  std::vector<Dim> inverse(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) inverse[static_cast<std::size_t>(axes[i])] = static_cast<Dim>(i);
  return {transpose(args.grad(), inverse)};
}

std::vector<Tensor> flip_vjp(const VjpArgs& args) { return {apply(kFlip, {args.grad()}, args.attrs)}; }

std::vector<ValueType> infer_pad(std::span<const ValueType> in, const Attrs& attrs) {
  const auto& p = attrs.as<PadAttrs>();
  Shape shape = in[0].shape;
  for (std::size_t i = 0; i < p.before.size(); ++i) {
    const Dim axis = static_cast<Dim>(i), added = p.before[i] + p.after[i];
    if (added) shape = shape.with(axis, shape[axis] < 0 ? -1 : shape[axis] + added);
  }
  return one(in[0].dtype, shape);
}

std::vector<Tensor> pad_vjp(const VjpArgs& args) {
  const auto& p = args.attrs.as<PadAttrs>();
  SliceAttrs slice;
  for (std::size_t i = 0; i < p.before.size(); ++i) {
    slice.start.push_back(p.before[i]);
    slice.stop.push_back(p.after[i] ? -p.after[i] : kEnd);
    slice.step.push_back(1);
  }
  return {apply(kSlice, {args.grad()}, std::move(slice))};
}

/// A new axis of size `count` at `axis`, then merged with the one after it (before it: `after` is axis - 1).
Tensor repeat_axis(const Tensor& x, Dim new_axis, Dim merged, Dim count) {
  const Tensor wide = insert_axes(x, {new_axis});
  const Shape keep(std::vector<Dim>(static_cast<std::size_t>(wide.rank()), -1));
  const Dim size = x.shape()[merged];
  return reshape(broadcast_to(wide, keep.with(new_axis, count)), x.shape().with(merged, size < 0 ? -1 : size * count));
}

PadAttrs widths_of(const Tensor& x, const std::vector<std::pair<Dim, Dim>>& pad_width) {
  const auto rank = static_cast<std::size_t>(x.rank());
  require<ShapeError>(pad_width.size() == rank || pad_width.size() == 1, "pad",
                      "Expected one pair of widths per axis, or one for all: ", rank, ", received ", pad_width.size(),
                      '.');
  PadAttrs attrs;
  for (std::size_t i = 0; i < rank; ++i) {
    const auto& [before, after] = pad_width[pad_width.size() == 1 ? 0 : i];
    require<ValueError>(before >= 0 && after >= 0, "pad", "Expected widths of at least 0, received ", before, " and ",
                        after, '.');
    attrs.before.push_back(before);
    attrs.after.push_back(after);
  }
  return attrs;
}

/// Which element of an axis of `size` stands at place `i`, counted from its first element.
Dim source_of(Dim i, Dim size, PadMode mode) {
  auto within = [i](Dim period) { return (i % period + period) % period; };
  if (mode == PadMode::edge) return std::clamp<Dim>(i, 0, size - 1);
  if (mode == PadMode::wrap) return within(size);
  if (mode == PadMode::symmetric) return std::min(within(2 * size), 2 * size - 1 - within(2 * size));
  return size == 1 ? 0 : std::min(within(2 * size - 2), 2 * size - 2 - within(2 * size - 2));
}

}  // namespace

const OpDef kTranspose = {.name = "transpose", .infer = infer_transpose, .vjp = transpose_vjp};
const OpDef kFlip = {.name = "flip", .infer = infer_same, .vjp = flip_vjp};
const OpDef kPad = {.name = "pad", .infer = infer_pad, .vjp = pad_vjp};

Tensor transpose(const Tensor& x, const std::vector<Dim>& axes) {
  const Dim rank = x.rank();
  std::vector<Dim> order;
  if (axes.empty())
    for (Dim i = rank; i-- > 0;) order.push_back(i);
  for (Dim axis : axes) order.push_back(normalize_axis("transpose", axis, rank));
  std::vector<Dim> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool complete = static_cast<Dim>(order.size()) == rank;
  for (std::size_t i = 0; complete && i < sorted.size(); ++i) complete = sorted[i] == static_cast<Dim>(i);
  require<ValueError>(complete, "transpose", "The axes are no permutation. Expected each axis of ", x.shape(),
                      " once, received ", Shape(axes), '.');
  if (std::is_sorted(order.begin(), order.end())) return x;
  return apply(kTranspose, {x}, TransposeAttrs{std::move(order)});
}

Tensor flip(const Tensor& x) { return apply(kFlip, {x}, AxesAttrs{normalize_axes("flip", {}, x.rank())}); }
Tensor flip(const Tensor& x, Dim axis) {
  return apply(kFlip, {x}, AxesAttrs{{normalize_axis("flip", axis, x.rank())}});
}

Tensor pad(const Tensor& x, const std::vector<std::pair<Dim, Dim>>& pad_width, double constant) {
  PadAttrs attrs = widths_of(x, pad_width);
  attrs.constant = constant;
  return apply(kPad, {x}, std::move(attrs));
}

Tensor pad(const Tensor& x, const std::vector<std::pair<Dim, Dim>>& pad_width, Choice<PadMode> mode,
           double constant_values) {
  if (mode == PadMode::constant) return pad(x, pad_width, constant_values);
  const PadAttrs widths = widths_of(x, pad_width);
  Tensor result = x;
  for (Dim axis = 0; axis < x.rank(); ++axis) {
    const Dim before = widths.before[static_cast<std::size_t>(axis)],
              after = widths.after[static_cast<std::size_t>(axis)], size = x.shape()[axis];
    if (before == 0 && after == 0) continue;
    require<ShapeError>(size > 0, "pad", "Axis ", axis, " of ", x.shape(), " cannot be padded in mode \"", mode,
                        "\". Expected a known size of at least 1.");
    std::vector<std::int32_t> sources;
    for (Dim i = -before; i < size + after; ++i) sources.push_back(static_cast<std::int32_t>(source_of(i, size, mode)));
    result = take(result, Tensor::from_span<std::int32_t>(sources, {size + before + after}), axis);
  }
  return result;
}

Tensor tile(const Tensor& x, const std::vector<Dim>& repeats) {
  Tensor result = x;
  for (auto missing = static_cast<Dim>(repeats.size()) - x.rank(); missing > 0; --missing)
    result = insert_axes(result, {0});
  const Dim lead = result.rank() - static_cast<Dim>(repeats.size());
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    require<ValueError>(repeats[i] >= 0, "tile", "Expected repeats of at least 0, received ", repeats[i], '.');
    const Dim axis = lead + static_cast<Dim>(i);
    if (repeats[i] != 1) result = repeat_axis(result, axis, axis, repeats[i]);
  }
  return result;
}

Tensor repeat(const Tensor& x, Dim repeats) { return repeat(x.rank() == 1 ? x : reshape(x, {-1}), repeats, 0); }

Tensor repeat(const Tensor& x, const std::vector<Dim>& repeats, Dim axis) {
  const Dim at = normalize_axis("repeat", axis, x.rank());
  const auto count = static_cast<Dim>(repeats.size());
  require<ShapeError>(x.shape()[at] == count, "repeat", "Expected as many repeats as axis ", at, " of ", x.shape(),
                      " has elements, received ", count, '.');
  std::vector<std::int32_t> indices;
  for (Dim i = 0; i < count; ++i) {
    const Dim times = repeats[static_cast<std::size_t>(i)];
    require<ValueError>(times >= 0, "repeat", "Expected repeats of at least 0, received ", times, '.');
    indices.insert(indices.end(), static_cast<std::size_t>(times), static_cast<std::int32_t>(i));
  }
  return take(x, Tensor::from_span<std::int32_t>(indices, {static_cast<Dim>(indices.size())}), at);
}

Tensor repeat(const Tensor& x, Dim repeats, Dim axis) {
  require<ValueError>(repeats >= 0, "repeat", "Expected repeats of at least 0, received ", repeats, '.');
  const Dim at = normalize_axis("repeat", axis, x.rank());
  return repeats == 1 ? x : repeat_axis(x, at + 1, at, repeats);
}

}  // namespace kerata::ops
