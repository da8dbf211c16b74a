#include "ops/infer.h"

#include <algorithm>

#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "ops/dispatch.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::ops {
namespace {

/// One axis of a broadcast result; -2^63 stands for a conflict.
Dim broadcast_size(Dim a, Dim b) {
  if (a == b || b == 1) return a;
  if (a == 1) return b;
  if (a >= 0 && b >= 0) return INT64_MIN;
  if (a >= 0 || b >= 0) return a >= 0 ? a : b;  // the unknown one is equal or 1
  return a == -1 ? b : a;
}

}  // namespace

Shape broadcast_shapes(std::string_view where, const Shape& a, const Shape& b) {
  const Dim rank = std::max(a.rank(), b.rank());
  std::vector<Dim> sizes(static_cast<std::size_t>(rank));
  for (Dim i = 0; i < rank; ++i) {
    const Dim ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
    const Dim size = ia < 0 ? b[ib] : ib < 0 ? a[ia] : broadcast_size(a[ia], b[ib]);
    require<ShapeError>(size != INT64_MIN, where,
                        "The shapes do not broadcast. Expected sizes that are equal or 1, received ", a, " and ", b,
                        ". Hint: sizes are compared from the last axis on; reshape one of them.");
    sizes[static_cast<std::size_t>(i)] = size;
  }
  return Shape(sizes);
}

Dim normalize_axis(std::string_view where, Dim axis, Dim rank) {
  require<ShapeError>(axis >= -rank && axis < rank, where, "There is no such axis. Expected -", rank, " to ", rank - 1,
                      ", received ", axis, '.');
  return axis < 0 ? axis + rank : axis;
}

std::vector<Dim> normalize_axes(std::string_view where, const Axes& axes, Dim rank) {
  std::vector<Dim> result;
  if (!axes.given()) {
    for (Dim i = 0; i < rank; ++i) result.push_back(i);
    return result;
  }
  for (Dim axis : axes.values()) result.push_back(normalize_axis(where, axis, rank));
  std::sort(result.begin(), result.end());
  const auto twice = std::adjacent_find(result.begin(), result.end());
  require<ValueError>(twice == result.end(), where, "Expected each axis once, received axis ",
                      twice == result.end() ? Dim{0} : *twice, " twice.");
  return result;
}

Shape reduced_shape(const Shape& shape, const std::vector<Dim>& axes, bool keepdims) {
  std::vector<Dim> sizes;
  for (Dim i = 0; i < shape.rank(); ++i) {
    const bool reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!reduced)
      sizes.push_back(shape[i]);
    else if (keepdims)
      sizes.push_back(1);
  }
  return Shape(sizes);
}

bool same_sizes(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (Dim i = 0; i < a.rank(); ++i)
    if (a[i] != b[i] || a[i] == -1) return false;  // two sizes of -1 may differ
  return true;
}

DType accumulating(DType dtype) { return is_floating(dtype) || dtype == DType::int64 ? dtype : DType::int32; }

Tensor cast_to(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); }

Tensor scalar(double value, DType dtype) {
  Tensor x = concrete({dtype, Shape()});
  write_elements(mutable_data<std::byte>(x), 1, dtype, [=](std::int64_t) { return value; });
  return x;
}

DType common_type(const Operand& a, const Operand& b) {
  if (a.is_number() && b.is_number()) return a.is_integer() && b.is_integer() ? DType::int32 : DType::float32;
  if (!a.is_number() && !b.is_number()) return promote(a.tensor().dtype(), b.tensor().dtype());
  const Operand& number = a.is_number() ? a : b;
  const DType dtype = (a.is_number() ? b : a).tensor().dtype();
  if (!number.is_integer()) return floating(dtype);
  return dtype == DType::boolean ? DType::int32 : dtype;
}

Tensor as_tensor(const Operand& x, DType dtype) {
  return x.is_number() ? scalar(x.number(), dtype) : cast_to(x.tensor(), dtype);
}

Tensor apply_floating(const OpDef& op, const Tensor& x, Attrs attrs) {
  const DType dtype = floating(x.dtype());
  if (!is_half(dtype)) return apply(op, {cast_to(x, dtype)}, std::move(attrs));
  return cast_to(apply(op, {cast_to(x, DType::float32)}, std::move(attrs)), dtype);
}

}  // namespace kerata::ops
