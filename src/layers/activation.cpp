#include "kerata/layers/activation.h"

#include "layers/config_helpers.h"

namespace kerata::layers {

ActivationLayer::ActivationLayer(const AnyActivation& activation, const Options&) : activation_(activation) {
  set_supports_masking(true);
}

Tensor ActivationLayer::call(const Tensor& x, const CallContext&) const {
  return activation_ ? activation_->call(x) : x;
}

Config ActivationLayer::get_config() const {
  Config config = Layer::get_config();
  name_no_activation(config);
  return config;
}

}  // namespace kerata::layers
