// Activation: an activation function as a layer of its own.
#pragma once

#include <array>

#include "kerata/activations/activation.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// activation(x); any shape. Masks pass. https://keras.io/api/layers/core_layers/activation
class ActivationLayer : public Layer {
 public:
  static constexpr std::array kArguments{"activation"};
  ActivationLayer(const AnyActivation& activation, const Options& options);
  Tensor call(const Tensor& x, const CallContext& context) const override;

 private:
  AnyActivation activation_;
};
using Activation = LayerRef<ActivationLayer, AnyActivation>;

}  // namespace layers

extern template class LayerRef<layers::ActivationLayer, AnyActivation>;

}  // namespace kerata

#pragma GCC visibility pop
