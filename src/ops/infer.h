// Shape and dtype rules shared by ops. Sizes may be unknown: -1, or other negative values that stand for one and
// the same unknown size.
#pragma once

#include "graph/node.h"
#include "kerata/core/axes.h"
#include "kerata/graph/operators.h"

namespace kerata::ops {

/// NumPy broadcasting. Throws ShapeError.
Shape broadcast_shapes(std::string_view where, const Shape& a, const Shape& b);

/// Negative axes count from the end. Throws ShapeError when there is no such axis.
Dim normalize_axis(std::string_view where, Dim axis, Dim rank);
/// Sorted, not negative; all axes when none are given. Throws ShapeError, or ValueError for an axis given twice.
std::vector<Dim> normalize_axes(std::string_view where, const Axes& axes, Dim rank);
/// `shape` without the axes, or with 1 in their place.
Shape reduced_shape(const Shape& shape, const std::vector<Dim>& axes, bool keepdims);

/// Equal sizes, or the same unknown sizes: nothing needs to be done between the two.
bool same_sizes(const Shape& a, const Shape& b);

/// Integers and bool become float32.
inline DType floating(DType dtype) { return is_floating(dtype) ? dtype : DType::float32; }
/// The type that a sum or a product is done in: small integers and bool become int32.
DType accumulating(DType dtype);

/// x itself when it has the type already.
Tensor cast_to(const Tensor& x, DType dtype);
/// A constant of rank 0.
Tensor scalar(double value, DType dtype);

/// The type of a two-sided op: a number takes the other side's, a fraction beside integers makes float32.
DType common_type(const Operand& a, const Operand& b);
/// The operand as a tensor of that type.
Tensor as_tensor(const Operand& x, DType dtype);

/// apply(), with half types done in float32 between casts.
Tensor apply_floating(const OpDef& op, const Tensor& x, Attrs attrs = {});

/// Views that insert or drop axes of size 1 (also where other sizes are unknown). axes: sorted, of the larger shape.
Tensor insert_axes(const Tensor& x, const std::vector<Dim>& axes);
Tensor drop_axes(const Tensor& x, const std::vector<Dim>& axes);
/// Zeros of x's shape and type, also where sizes are unknown.
Tensor filled_like(const Tensor& x, double value, DType dtype);
/// x broadcast to the shape of `like`.
Tensor broadcast_like(const Tensor& x, const Tensor& like);

/// f() when the gradient of input i is asked for, else no tensor.
template <class F>
Tensor if_needed(const VjpArgs& args, std::size_t i, const F& f) {
  return args.needs(i) ? f() : Tensor();
}

/// The only output's type.
inline std::vector<ValueType> one(DType dtype, const Shape& shape) { return {ValueType{dtype, shape}}; }
inline std::vector<ValueType> infer_same(std::span<const ValueType> in, const Attrs&) { return {in[0]}; }

}  // namespace kerata::ops
