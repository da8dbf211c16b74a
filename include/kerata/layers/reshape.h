// Reshape: another shape for each sample.
#pragma once

#include <array>

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// (batch, ...) -> (batch, target_shape...); one size may be -1: inferred. Throws ValueError for two of them or a size
/// below -1, ShapeError when the number of elements differs. https://keras.io/api/layers/reshaping_layers/reshape
class ReshapeLayer : public Layer {
 public:
  static constexpr std::array kArguments{"target_shape"};
  ReshapeLayer(const Shape& target_shape, const Options& options);
  Tensor call(const Tensor& x, const CallContext& context) const override;
  Config get_config() const override;

 private:
  Shape target_shape_;
};
using Reshape = LayerRef<ReshapeLayer, Shape>;

}  // namespace layers

extern template class LayerRef<layers::ReshapeLayer, Shape>;

}  // namespace kerata

#pragma GCC visibility pop
