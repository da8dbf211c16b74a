// Dense: a fully connected layer.
#pragma once

#include <array>

#include "kerata/activations/activation.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// activation(x . kernel + bias). x: (batch, ..., inputs), result: (batch, ..., units); kernel (inputs, units).
/// Throws ValueError for units < 1, ShapeError for x of rank 1 or another last axis.
/// https://keras.io/api/layers/core_layers/dense
class DenseLayer : public Layer {
 public:
  struct Options {
    AnyActivation activation = {};
    bool use_bias = true;
    AnyInitializer kernel_initializer = "glorot_uniform";
    AnyInitializer bias_initializer = "zeros";
    AnyRegularizer kernel_regularizer = {};
    AnyRegularizer bias_regularizer = {};
    AnyRegularizer activity_regularizer = {};
    AnyConstraint kernel_constraint = {};
    AnyConstraint bias_constraint = {};
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};  // without the batch; for a first layer in a Sequential
    Dim input_dim = 0;       // old spelling of input_shape {n}
    static constexpr KerasKey kKerasKeys[] = {{"quantization_config", KerasKey::written}};
    static constexpr auto fields() {
      return std::tuple{field("activation", &Options::activation),
                        field("use_bias", &Options::use_bias),
                        field("kernel_initializer", &Options::kernel_initializer),
                        field("bias_initializer", &Options::bias_initializer),
                        field("kernel_regularizer", &Options::kernel_regularizer),
                        field("bias_regularizer", &Options::bias_regularizer),
                        field("activity_regularizer", &Options::activity_regularizer, Saved::if_changed),
                        field("kernel_constraint", &Options::kernel_constraint),
                        field("bias_constraint", &Options::bias_constraint),
                        field("name", &Options::name),
                        field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  static constexpr std::array kArguments{"units"};
  DenseLayer(Dim units, const Options& options);
  void build(const Shape& input) override;
  Tensor call(const Tensor& x, const CallContext& context) const override;

 private:
  Dim units_;
  Options options_;
  Variable kernel_, bias_;
};
using Dense = LayerRef<DenseLayer, Dim>;

}  // namespace layers

extern template class LayerRef<layers::DenseLayer, Dim>;

}  // namespace kerata

#pragma GCC visibility pop
