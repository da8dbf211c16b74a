// Joining and cutting: concatenate, stack, split, slice.
#include "kerata/ops/creation.h"
#include "kerata/ops/shape.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

std::vector<ValueType> infer_concatenate(std::span<const ValueType> in, const Attrs& attrs) {
  const Dim axis = attrs.as<AxisAttrs>().axis;
  Shape result = in[0].shape;
  Dim total = result[axis];
  for (std::size_t i = 1; i < in.size(); ++i) {
    const Shape& shape = in[i].shape;
    bool fits = shape.rank() == result.rank();
    for (Dim k = 0; fits && k < result.rank(); ++k) {
      if (k == axis || shape[k] == result[k]) continue;
      fits = shape[k] < 0 || result[k] < 0;
      if (shape[k] >= 0 || result[k] == -1) result = result.with(k, shape[k]);
    }
    require<ShapeError>(fits, "concatenate", "The shapes differ beside axis ", axis, ". Expected sizes as in ",
                        in[0].shape, ", received ", shape, '.');
    total = total < 0 || shape[axis] < 0 ? -1 : total + shape[axis];
  }
  return one(in[0].dtype, result.with(axis, total));
}

SliceAttrs whole(Dim rank) {
  const auto n = static_cast<std::size_t>(rank);
  return {std::vector<Dim>(n, 0), std::vector<Dim>(n, kEnd), std::vector<Dim>(n, 1)};
}

Tensor slice_axis(const Tensor& x, Dim axis, Dim start, Dim stop, Dim step = 1) {
  return x.slice({.axis = axis, .start = start, .stop = stop, .step = step});
}

std::vector<Tensor> concatenate_vjp(const VjpArgs& args) {
  const Dim axis = args.attrs.as<AxisAttrs>().axis;
  std::vector<Tensor> grads(args.inputs.size());
  if (args.out().shape()[axis] < 0) {
    std::vector<Tensor> inputs = {args.grad()};
    inputs.insert(inputs.end(), args.inputs.begin(), args.inputs.end());
    return apply_all(kSplitLike, std::move(inputs), args.attrs);
  }
  Dim at = 0;
  for (std::size_t i = 0; i < grads.size(); ++i) {
    const Dim size = args.in(i).shape()[axis];
    if (args.needs(i)) grads[i] = slice_axis(args.grad(), axis, at, at + size);
    at += size;
  }
  return grads;
}

std::vector<ValueType> infer_split_like(std::span<const ValueType> in, const Attrs&) {
  return {in.begin() + 1, in.end()};
}

std::vector<Tensor> split_like_vjp(const VjpArgs& args) {
  std::vector<Tensor> parts, grads(args.inputs.size());
  for (std::size_t i = 0; i < args.outputs.size(); ++i)
    parts.push_back(args.grads[i].is_empty() ? zeros_like(args.outputs[i]) : args.grads[i]);
  grads[0] = apply(kConcatenate, std::move(parts), args.attrs);
  return grads;
}

std::vector<ValueType> infer_slice(std::span<const ValueType> in, const Attrs& attrs) {
  const auto& p = attrs.as<SliceAttrs>();
  Shape shape = in[0].shape;
  for (std::size_t i = 0; i < p.start.size(); ++i) {
    const Dim axis = static_cast<Dim>(i), size = shape[axis];
    if (p.start[i] == 0 && p.stop[i] == kEnd && p.step[i] == 1) continue;
    const bool fixed = p.start[i] == -1 && p.stop[i] == kEnd;  // x[-1:]
    shape = shape.with(axis, size >= 0 ? slice_range(p.start[i], p.stop[i], p.step[i], size).count : fixed ? 1 : -1);
  }
  return one(in[0].dtype, shape);
}

std::vector<ValueType> infer_unslice(std::span<const ValueType> in, const Attrs&) {
  return one(in[0].dtype, in[1].shape);
}

/// Rows start ... of a concrete tensor, without a copy; only where nobody records.
bool is_row_view(const Tensor& x, Dim axis, Dim step) {
  return axis == 0 && step == 1 && !is_recorded(x) && !x.node()->is_variable;
}

Tensor row_view(const Tensor& x, Dim start, Dim stop) {
  const NodeOutput& source = output_of(x);
  const Shape shape = source.type.shape;
  const SliceRange range = slice_range(start, stop, 1, shape[0]);
  const ValueType row{source.type.dtype, shape.with(0, 1)};
  const std::size_t offset = source.offset + static_cast<std::size_t>(range.start) * bytes_of(row);
  return on_buffer({row.dtype, shape.with(0, range.count)}, source.buffer, offset);
}

std::vector<Tensor> same_type(const Tensors& xs, std::string_view where) {
  require<ValueError>(!xs.empty(), where, "Expected at least one tensor, received none.");
  DType dtype = xs[0].dtype();
  for (const Tensor& x : xs) dtype = promote(dtype, x.dtype());
  std::vector<Tensor> result;
  for (const Tensor& x : xs) result.push_back(cast_to(x, dtype));
  return result;
}

}  // namespace

const OpDef kConcatenate = {.name = "concatenate", .infer = infer_concatenate, .vjp = concatenate_vjp};
const OpDef kSplitLike = {.name = "split_like", .infer = infer_split_like, .vjp = split_like_vjp, .shape_only = ~1u};
const OpDef kSlice = {.name = "slice", .infer = infer_slice, .vjp = [](const VjpArgs& args) -> std::vector<Tensor> {
                        return {apply(kUnslice, {args.grad(), args.in()}, args.attrs)};
                      }};
const OpDef kUnslice = {.name = "unslice",
                        .infer = infer_unslice,
                        .vjp = [](const VjpArgs& args) -> std::vector<Tensor> {
                          return {apply(kSlice, {args.grad()}, args.attrs), Tensor()};
                        },
                        .shape_only = 0b10};

Tensor concatenate(const Tensors& xs, Dim axis) {
  std::vector<Tensor> list = same_type(xs, "concatenate");
  const Dim at = normalize_axis("concatenate", axis, list[0].rank());
  return list.size() == 1 ? list[0] : apply(kConcatenate, std::move(list), AxisAttrs{at});
}

Tensor stack(const Tensors& xs, Dim axis) {
  std::vector<Tensor> list = same_type(xs, "stack");
  const Dim at = normalize_axis("stack", axis, list[0].rank() + 1);
  for (Tensor& x : list) {
    require<ShapeError>(x.shape() == xs[0].shape(), "stack", "The shapes differ. Expected ", xs[0].shape(),
                        ", received ", x.shape(), '.');
    x = insert_axes(x, {at});
  }
  return list.size() == 1 ? list[0] : apply(kConcatenate, std::move(list), AxisAttrs{at});
}

Tensors split(const Tensor& x, Dim sections, Dim axis) {
  const Dim at = normalize_axis("split", axis, x.rank()), size = x.shape()[at];
  require<ValueError>(sections > 0, "split", "Expected at least one section, received ", sections, '.');
  require<ShapeError>(size >= 0 && size % sections == 0, "split", "Axis ", axis, " of ", x.shape(),
                      " does not divide into ", sections, " equal parts. Hint: give the indices to cut at.");
  const Dim part = size / sections;
  std::vector<Tensor> parts;
  for (Dim i = 0; i < sections; ++i) parts.push_back(slice_axis(x, at, i * part, (i + 1) * part));
  return Tensors(std::move(parts));
}

Tensors split(const Tensor& x, const std::vector<Dim>& indices, Dim axis) {
  const Dim at = normalize_axis("split", axis, x.rank());
  std::vector<Tensor> parts;
  Dim start = 0;
  for (Dim index : indices) {
    parts.push_back(slice_axis(x, at, start, index));
    start = index;
  }
  parts.push_back(slice_axis(x, at, start, kEnd));
  return Tensors(std::move(parts));
}

Tensor slice(const Tensor& x, const std::vector<Dim>& start_indices, const Shape& shape) {
  const Dim rank = x.rank();
  require<ShapeError>(static_cast<Dim>(start_indices.size()) == rank && shape.rank() == rank, "slice",
                      "Expected a start and a size for each axis of ", x.shape(), ", received ", start_indices.size(),
                      " starts and ", shape.rank(), " sizes.");
  SliceAttrs attrs = whole(rank);
  for (std::size_t i = 0; i < start_indices.size(); ++i) {
    const Dim axis = static_cast<Dim>(i), size = x.shape()[axis], start = start_indices[i], count = shape[axis];
    const bool fits = start >= 0 && (size < 0 || start + (count < 0 ? 0 : count) <= size);
    require<ShapeError>(fits, "slice", "The part lies outside axis ", axis, " of ", x.shape(),
                        ". Expected start + size of at most ", size, ", received ", start, " + ", count, '.');
    attrs.start[i] = start;
    attrs.stop[i] = count < 0 || start + count == size ? kEnd : start + count;
  }
  return apply(kSlice, {x}, std::move(attrs));
}

}  // namespace kerata::ops

namespace kerata {

Tensor Tensor::slice(const Slice& slice) const {
  const Dim rank = this->rank();
  const Dim axis = ops::normalize_axis("Tensor.slice", slice.axis, rank);
  require<ValueError>(slice.step >= 1, "Tensor.slice", "Expected a step of at least 1, received ", slice.step,
                      ". Hint: ops::flip.");
  if (ops::is_row_view(*this, axis, slice.step)) return ops::row_view(*this, slice.start, slice.stop);
  ops::SliceAttrs attrs = ops::whole(rank);
  const auto i = static_cast<std::size_t>(axis);
  const Dim size = shape()[axis];
  attrs.start[i] = slice.start;
  attrs.stop[i] = slice.stop >= size && size >= 0 ? kEnd : slice.stop;
  attrs.step[i] = slice.step;
  return apply(ops::kSlice, {*this}, std::move(attrs));
}

Tensor Tensor::operator[](Dim index) const {
  require<ShapeError>(rank() > 0, "Tensor[]", "A tensor of shape () has no axis to index.");
  const Dim size = shape()[0];
  require<ValueError>(size < 0 || (index >= -size && index < size), "Tensor[]", "Index ", index,
                      " is out of range. Expected -", size, " to ", size - 1, ", received ", index, '.');
  const Dim stop = index == -1 ? kEnd : index + 1;
  return ops::drop_axes(slice({.axis = 0, .start = index, .stop = stop}), {0});
}

}  // namespace kerata
