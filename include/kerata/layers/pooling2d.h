// MaxPooling2D and AveragePooling2D.
#pragma once

#include <array>

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// x: (batch, height, width, channels), or channels first; result: (batch, height', width', channels). "same" leaves
/// padding out of maximum and average. Throws ValueError for sizes < 1. https://keras.io/api/layers/pooling_layers
class Pooling2DBase : public Layer {
 public:
  struct Options {
    Size2 strides = 0;  // 0: pool_size
    Choice<Padding> padding = "valid";
    Choice<DataFormat> data_format = "channels_last";
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("strides", &Options::strides),         field("padding", &Options::padding),
                        field("data_format", &Options::data_format), field("name", &Options::name),
                        field("trainable", &Options::trainable),     field("dtype", &Options::dtype)};
    }
  };
  static constexpr std::array kArguments{"pool_size"};
  Tensor call(const Tensor& x, const CallContext& context) const override;
  Config get_config() const override;

 protected:
  Pooling2DBase(const char* class_name, Size2 pool_size, const Options& options);

 private:
  virtual Tensor pool(const Tensor& x, Size2 pool_size, Size2 strides, Padding padding) const = 0;
  const char* where_;
  Size2 pool_size_;
  Options options_;
};

class MaxPooling2DLayer final : public Pooling2DBase {
 public:
  MaxPooling2DLayer(Size2 pool_size, const Options& options) : Pooling2DBase("MaxPooling2D", pool_size, options) {}

 private:
  Tensor pool(const Tensor& x, Size2 pool_size, Size2 strides, Padding padding) const override;
};
class MaxPooling2D : public LayerRef<MaxPooling2DLayer, Size2> {
 public:
  explicit MaxPooling2D(Size2 pool_size = 2, const Options& options = {}) : LayerRef(pool_size, options) {}
};

class AveragePooling2DLayer final : public Pooling2DBase {
 public:
  AveragePooling2DLayer(Size2 pool_size, const Options& options)
      : Pooling2DBase("AveragePooling2D", pool_size, options) {}

 private:
  Tensor pool(const Tensor& x, Size2 pool_size, Size2 strides, Padding padding) const override;
};
using AveragePooling2D = LayerRef<AveragePooling2DLayer, Size2>;

}  // namespace layers

extern template class LayerRef<layers::MaxPooling2DLayer, Size2>;
extern template class LayerRef<layers::AveragePooling2DLayer, Size2>;

}  // namespace kerata

#pragma GCC visibility pop
