// Conv2D: convolution over images.
#pragma once

#include <array>

#include "kerata/activations/activation.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// x: (batch, height, width, channels), or channels first; result: (batch, height', width', filters). kernel (rows,
/// columns, channels / groups, filters). Throws ValueError for sizes < 1, for strides beside dilation, and when groups
/// do not divide filters and channels. https://keras.io/api/layers/convolution_layers/convolution2d
class Conv2DLayer : public Layer {
 public:
  struct Options {
    Size2 strides = 1;
    Choice<Padding> padding = "valid";
    Choice<DataFormat> data_format = "channels_last";
    Size2 dilation_rate = 1;
    Dim groups = 1;
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
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("strides", &Options::strides),
                        field("padding", &Options::padding),
                        field("data_format", &Options::data_format),
                        field("dilation_rate", &Options::dilation_rate),
                        field("groups", &Options::groups),
                        field("activation", &Options::activation),
                        field("use_bias", &Options::use_bias),
                        field("kernel_initializer", &Options::kernel_initializer),
                        field("bias_initializer", &Options::bias_initializer),
                        field("kernel_regularizer", &Options::kernel_regularizer),
                        field("bias_regularizer", &Options::bias_regularizer),
                        field("activity_regularizer", &Options::activity_regularizer),
                        field("kernel_constraint", &Options::kernel_constraint),
                        field("bias_constraint", &Options::bias_constraint),
                        field("name", &Options::name),
                        field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  static constexpr std::array kArguments{"filters", "kernel_size"};
  Conv2DLayer(Dim filters, Size2 kernel_size, const Options& options);
  void build(const Shape& input) override;
  Tensor call(const Tensor& x, const CallContext& context) const override;

 private:
  void check_input(const Shape& input) const;
  Dim filters_;
  Size2 kernel_size_;
  Options options_;
  Dim channels_ = 0;
  Variable kernel_, bias_;
};
using Conv2D = LayerRef<Conv2DLayer, Dim, Size2>;

}  // namespace layers

extern template class LayerRef<layers::Conv2DLayer, Dim, Size2>;

}  // namespace kerata

#pragma GCC visibility pop
