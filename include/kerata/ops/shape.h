// Ops that move, join, cut or index.
#pragma once

#include "kerata/core/choice.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// What ops::pad puts around a tensor, as NumPy has it.
enum class PadMode { constant, edge, reflect, symmetric, wrap };
template <>
struct ChoiceNames<PadMode> {
  static constexpr std::string_view list[] = {"constant", "edge", "reflect", "symmetric", "wrap"};
};

namespace ops {

Tensor reshape(const Tensor& x, const Shape& shape);                   // one size may be -1
Tensor transpose(const Tensor& x, const std::vector<Dim>& axes = {});  // none: reversed
Tensor expand_dims(const Tensor& x, Dim axis);
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, Dim axis);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
Tensor concatenate(const Tensors& xs, Dim axis = 0);  // Keras: 0 here, -1 in layers::concatenate
Tensor stack(const Tensors& xs, Dim axis = 0);
/// `sections` equal parts. Throws ShapeError when the axis does not divide.
Tensors split(const Tensor& x, Dim sections, Dim axis = 0);
/// Cuts before each index.
Tensors split(const Tensor& x, const std::vector<Dim>& indices, Dim axis = 0);
Tensor slice(const Tensor& x, const std::vector<Dim>& start_indices, const Shape& shape);
/// Zeros (or `constant`) before and after: {{before, after}, ...}, one pair per axis, or one for all.
Tensor pad(const Tensor& x, const std::vector<std::pair<Dim, Dim>>& pad_width, double constant = 0);
/// What stands before and after: the constant, the outermost elements, x mirrored without and with these, or x again.
/// Throws ShapeError for another mode than "constant" when a padded axis has an unknown size or none.
Tensor pad(const Tensor& x, const std::vector<std::pair<Dim, Dim>>& pad_width, Choice<PadMode> mode,
           double constant_values = 0);
Tensor flip(const Tensor& x);  // all axes
Tensor flip(const Tensor& x, Dim axis);
Tensor tile(const Tensor& x, const std::vector<Dim>& repeats);
/// Each element `repeats` times in a row: of the flattened x, or along an axis; there also with a number for each.
/// Throws ValueError for a negative number, ShapeError when the axis has not as many elements as there are numbers.
Tensor repeat(const Tensor& x, Dim repeats);
Tensor repeat(const Tensor& x, Dim repeats, Dim axis);
Tensor repeat(const Tensor& x, const std::vector<Dim>& repeats, Dim axis);
/// Elements of the flattened x, or along an axis, by index; negative indices count from the end. Throws ValueError for
/// an index out of range.
Tensor take(const Tensor& x, const Tensor& indices);
Tensor take(const Tensor& x, const Tensor& indices, Dim axis);
Tensor take_along_axis(const Tensor& x, const Tensor& indices, Dim axis = -1);
/// `x` with `updates` (indices.shape + x.shape[1:]) added to the rows `indices`; equal indices add up.
Tensor scatter_add(const Tensor& x, const Tensor& indices, const Tensor& updates);
/// float32 (or `dtype`) of shape x.shape + (num_classes,); a row of zeros for a label out of range, as in Keras.
Tensor one_hot(const Tensor& x, Dim num_classes, Dim axis = -1, Choice<DType> dtype = "float32");
/// {values, indices (int32)} of the k largest along the last axis, sorted.
Tensors top_k(const Tensor& x, Dim k);
Tensor argsort(const Tensor& x, Dim axis = -1);  // int32, stable
Tensor sort(const Tensor& x, Dim axis = -1);

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
