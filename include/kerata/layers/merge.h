// Layers that make one tensor of several, and their lower-case functions.
#pragma once

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// Elementwise over several inputs of one shape (sizes of 1 broadcast; lower ranks get axes of 1 after the batch).
/// A result is masked when all inputs are: a step counts that counts in one of them. Throws ValueError when
/// called on one tensor or on shapes that do not fit. https://keras.io/api/layers/merging_layers
class MergeLayer : public MultiLayer {
 public:
  explicit MergeLayer(const Options&) { set_supports_masking(true); }
  void build(const std::vector<Shape>& inputs) override;
  Tensors call(const Tensors& inputs, const CallContext& context) const override;

 protected:
  std::vector<Tensor> compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                    std::size_t num_outputs) const override;

 private:
  /// `masks`: one per input, possibly empty; all inputs have one rank.
  virtual Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const = 0;
};

class AddLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
/// Exactly two inputs.
class SubtractLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;
  void build(const std::vector<Shape>& inputs) override;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
class MultiplyLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
class AverageLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
class MaximumLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
class MinimumLayer final : public MergeLayer {
 public:
  using MergeLayer::MergeLayer;

 private:
  Tensor merge(const std::vector<Tensor>& inputs, const std::vector<Tensor>& masks) const override;
};
using Add = LayerRef<AddLayer>;
using Subtract = LayerRef<SubtractLayer>;
using Multiply = LayerRef<MultiplyLayer>;
using Average = LayerRef<AverageLayer>;
using Maximum = LayerRef<MaximumLayer>;
using Minimum = LayerRef<MinimumLayer>;

/// Joins inputs along `axis`; all other sizes must agree. https://keras.io/api/layers/merging_layers/concatenate
class ConcatenateLayer : public MultiLayer {
 public:
  struct Options {
    Dim axis = -1;
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("axis", &Options::axis), field("name", &Options::name),
                        field("trainable", &Options::trainable), field("dtype", &Options::dtype)};
    }
  };
  explicit ConcatenateLayer(const Options& options);
  void build(const std::vector<Shape>& inputs) override;
  Tensors call(const Tensors& inputs, const CallContext& context) const override;

 protected:
  std::vector<Tensor> compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                    std::size_t num_outputs) const override;

 private:
  Dim axis_;
};
using Concatenate = LayerRef<ConcatenateLayer>;

using MergeOptions = LayerBase::Options;
Tensor concatenate(const Tensors& inputs, const ConcatenateLayer::Options& options = {});
Tensor add(const Tensors& inputs, const MergeOptions& options = {});
Tensor subtract(const Tensors& inputs, const MergeOptions& options = {});
Tensor multiply(const Tensors& inputs, const MergeOptions& options = {});
Tensor average(const Tensors& inputs, const MergeOptions& options = {});
Tensor maximum(const Tensors& inputs, const MergeOptions& options = {});
Tensor minimum(const Tensors& inputs, const MergeOptions& options = {});

}  // namespace layers

extern template class LayerRef<layers::AddLayer>;
extern template class LayerRef<layers::SubtractLayer>;
extern template class LayerRef<layers::MultiplyLayer>;
extern template class LayerRef<layers::AverageLayer>;
extern template class LayerRef<layers::MaximumLayer>;
extern template class LayerRef<layers::MinimumLayer>;
extern template class LayerRef<layers::ConcatenateLayer>;

}  // namespace kerata

#pragma GCC visibility pop
