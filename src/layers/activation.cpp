#include "kerata/layers/activation.h"

namespace kerata::layers {

ActivationLayer::ActivationLayer(const AnyActivation& activation, const Options&) : activation_(activation) {
  set_supports_masking(true);
}

Tensor ActivationLayer::call(const Tensor& x, const CallContext&) const {
  return activation_ ? activation_->call(x) : x;
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::ActivationLayer, AnyActivation>;
}  // namespace kerata
