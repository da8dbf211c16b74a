#include "kerata/layers/merge.h"

#include <algorithm>

#include "core/require.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "layers/layer_state.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::layers {
namespace {

std::string shapes_text(const std::vector<Shape>& shapes) {
  std::string text = "[";
  for (const Shape& shape : shapes) text += (text.size() > 1 ? ", " : "") + to_string(shape);
  return text + "]";
}

/// NumPy broadcasting of the sizes behind the batch.
Shape broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  for (Dim i = 1; i <= shorter.rank(); ++i) {
    const Dim x = longer[-i], y = shorter[-i];
    require<ShapeError>(x == y || x == 1 || y == 1 || x < 0 || y < 0, "Merge",
                        "Inputs have incompatible shapes. Received "
                        "shapes ",
                        a, " and ", b, " (without the batch).");
    result = result.with(longer.rank() - i, x < 0 || y < 0 ? -1 : std::max(x, y));
  }
  return result;
}

void check_merge(const std::string& where, const std::vector<Shape>& shapes) {
  Dim batch = -1;
  for (const Shape& shape : shapes) {
    require<ShapeError>(shape.rank() > 0, where, "Expected inputs with a batch axis, received shapes ",
                        shapes_text(shapes), '.');
    if (shape[0] < 0) continue;
    require<ShapeError>(batch < 0 || batch == shape[0], where,
                        "Cannot merge tensors with different batch sizes. "
                        "Received tensors with shapes ",
                        shapes_text(shapes), '.');
    batch = shape[0];
  }
  Shape merged = shapes[0].from(1);
  for (std::size_t i = 1; i < shapes.size(); ++i) merged = broadcast(merged, shapes[i].from(1));
}

std::vector<Shape> shapes_of(const Tensors& inputs) {
  std::vector<Shape> shapes;
  for (const Tensor& x : inputs) shapes.push_back(x.shape());
  return shapes;
}

/// All true or all false, in the shape of x.
Tensor like(const Tensor& x, double value) {
  return apply(ops::kFullLike, {x}, ops::FullLikeAttrs{.value = value, .dtype = DType::boolean});
}

/// The mask of steps (batch, steps) for each element of x; without a mask every element counts.
Tensor spread(const Tensor& mask, const Tensor& x) {
  if (mask.is_empty()) return like(x, 1);
  if (mask.rank() == x.rank()) return mask;
  return ops::logical_or(ops::expand_dims(mask, -1), like(x, 0));
}

bool all_given(const std::vector<Tensor>& masks) {
  return std::none_of(masks.begin(), masks.end(), [](const Tensor& mask) { return mask.is_empty(); });
}

/// Elements that are masked in one input do not compete with the other's.
template <class Op>
Tensor merge_competing(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks, const Op& op) {
  Tensor output = inputs[0];
  Tensor output_mask = masks[0].is_empty() ? Tensor() : ops::expand_dims(masks[0], -1);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    Tensor x = inputs[i];
    const Tensor mask = masks[i].is_empty() ? Tensor() : ops::expand_dims(masks[i], -1);
    if (!mask.is_empty()) x = ops::where(mask, x, output);
    if (!output_mask.is_empty()) output = ops::where(output_mask, output, x);
    output_mask = mask.is_empty() || output_mask.is_empty() ? Tensor() : ops::logical_or(output_mask, mask);
    output = op(output, x);
  }
  return output;
}

}  // namespace

void MergeLayer::build(const std::vector<Shape>& inputs) {
  require<ValueError>(inputs.size() >= 2, plain_class_name(*this),
                      "A merge layer should be called on a list of at least 2 inputs. Received ", inputs.size(),
                      " inputs. Hint: add({a, b}).");
  check_merge(plain_class_name(*this), inputs);
}

Tensors MergeLayer::call(const Tensors& inputs, const CallContext& context) const {
  check_merge(plain_class_name(*this), shapes_of(inputs));
  Dim rank = 0;
  for (const Tensor& x : inputs) rank = std::max(rank, x.rank());
  std::vector<Tensor> aligned, masks;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Tensor x = inputs[i];
    while (x.rank() < rank) x = ops::expand_dims(x, 1);
    aligned.push_back(x);
    masks.push_back(context.mask(i));
  }
  return merge(aligned, masks);
}

std::vector<Tensor> MergeLayer::compute_masks(const Tensors&, const std::vector<Tensor>& masks, std::size_t) const {
  if (masks.empty() || !all_given(masks)) return {Tensor()};
  Tensor merged = masks[0];
  for (std::size_t i = 1; i < masks.size(); ++i) merged = ops::logical_or(merged, masks[i]);
  return {merged};
}

Tensor AddLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>&) const {
  Tensor sum = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) sum = sum + inputs[i];
  return sum;
}

void SubtractLayer::build(const std::vector<Shape>& inputs) {
  require<ValueError>(inputs.size() == 2, "Subtract",
                      "A `Subtract` layer should be called on exactly 2 inputs. Received ", inputs.size(), " inputs.");
  MergeLayer::build(inputs);
}
Tensor SubtractLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>&) const {
  require<ValueError>(inputs.size() == 2, "Subtract",
                      "A `Subtract` layer should be called on exactly 2 inputs. Received ", inputs.size(), " inputs.");
  return inputs[0] - inputs[1];
}

// A masked factor counts as 1; where all are masked the product is 0.
Tensor MultiplyLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const {
  Tensor product, any_mask;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Tensor x = inputs[i];
    if (!masks[i].is_empty()) {
      const Tensor mask = ops::expand_dims(masks[i], -1);
      x = ops::where(mask, x, 1.0).cast(x.dtype());
      any_mask = any_mask.is_empty() ? mask : ops::logical_or(any_mask, mask);
    }
    product = product.is_empty() ? x : product * x;
  }
  return all_given(masks) ? ops::where(any_mask, product, 0.0).cast(product.dtype()) : product;
}

Tensor AverageLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>&) const {
  Tensor sum = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) sum = sum + inputs[i];
  return sum / static_cast<double>(inputs.size());
}

Tensor MaximumLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const {
  return merge_competing(inputs, masks, [](const Tensor& a, const Tensor& b) { return ops::maximum(a, b); });
}

Tensor MinimumLayer::merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const {
  return merge_competing(inputs, masks, [](const Tensor& a, const Tensor& b) { return ops::minimum(a, b); });
}

ConcatenateLayer::ConcatenateLayer(const Options& options) : axis_(options.axis) { set_supports_masking(true); }

void ConcatenateLayer::build(const std::vector<Shape>& inputs) {
  require<ValueError>(!inputs.empty(), "Concatenate", "A `Concatenate` layer should be called on a list of inputs.");
  const Dim rank = inputs[0].rank();
  require<ValueError>(axis_ >= -rank && axis_ < rank, "Concatenate", "Axis ", axis_,
                      " is out of bounds for inputs of shape ", inputs[0], '.');
  const Dim along = axis_ < 0 ? axis_ + rank : axis_;
  for (const Shape& shape : inputs) {
    bool fits = shape.rank() == rank;
    for (Dim axis = 0; fits && axis < rank; ++axis)
      fits = axis == along || shape[axis] == inputs[0][axis] || shape[axis] < 0 || inputs[0][axis] < 0;
    require<ShapeError>(fits, "Concatenate",
                        "A `Concatenate` layer requires inputs with matching shapes except for the "
                        "concatenation axis. Received: input_shape=",
                        shapes_text(inputs), '.');
  }
}

Tensors ConcatenateLayer::call(const Tensors& inputs, const CallContext&) const {
  return inputs.size() == 1 ? inputs[0] : ops::concatenate(inputs, axis_);
}

// As Keras: an unmasked input counts everywhere; the joined elements make a step count if any of them does.
std::vector<Tensor> ConcatenateLayer::compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                                    std::size_t) const {
  if (std::all_of(masks.begin(), masks.end(), [](const Tensor& mask) { return mask.is_empty(); })) return {Tensor()};
  Tensors spread_masks;
  for (std::size_t i = 0; i < inputs.size(); ++i) spread_masks.push_back(spread(masks[i], inputs[i]));
  return {ops::any(ops::concatenate(spread_masks, axis_), {.axis = -1})};
}

Tensor concatenate(const Tensors& inputs, const ConcatenateLayer::Options& options) {
  return Concatenate(options)(inputs);
}
Tensor add(const Tensors& inputs, const MergeOptions& options) { return Add(options)(inputs); }
Tensor subtract(const Tensors& inputs, const MergeOptions& options) { return Subtract(options)(inputs); }
Tensor multiply(const Tensors& inputs, const MergeOptions& options) { return Multiply(options)(inputs); }
Tensor average(const Tensors& inputs, const MergeOptions& options) { return Average(options)(inputs); }
Tensor maximum(const Tensors& inputs, const MergeOptions& options) { return Maximum(options)(inputs); }
Tensor minimum(const Tensors& inputs, const MergeOptions& options) { return Minimum(options)(inputs); }

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::AddLayer>;
template class LayerRef<layers::SubtractLayer>;
template class LayerRef<layers::MultiplyLayer>;
template class LayerRef<layers::AverageLayer>;
template class LayerRef<layers::MaximumLayer>;
template class LayerRef<layers::MinimumLayer>;
template class LayerRef<layers::ConcatenateLayer>;
}  // namespace kerata
