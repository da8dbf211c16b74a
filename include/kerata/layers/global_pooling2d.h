// GlobalAveragePooling2D and GlobalMaxPooling2D.
#pragma once

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// x: (batch, height, width, channels), or channels first; result: (batch, channels), with keepdims rank 4.
/// https://keras.io/api/layers/pooling_layers
class GlobalPooling2DBase : public Layer {
 public:
  struct Options {
    Choice<DataFormat> data_format = "channels_last";
    bool keepdims = false;
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("data_format", &Options::data_format), field("keepdims", &Options::keepdims),
                        field("name", &Options::name), field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };

 protected:
  explicit GlobalPooling2DBase(const Options& options) : options_(options) {}
  std::vector<Dim> checked_axes(const char* where, const Tensor& x) const;
  Options options_;
};

class GlobalAveragePooling2DLayer final : public GlobalPooling2DBase {
 public:
  explicit GlobalAveragePooling2DLayer(const Options& options) : GlobalPooling2DBase(options) {}
  Tensor call(const Tensor& x, const CallContext& context) const override;
};
using GlobalAveragePooling2D = LayerRef<GlobalAveragePooling2DLayer>;

class GlobalMaxPooling2DLayer final : public GlobalPooling2DBase {
 public:
  explicit GlobalMaxPooling2DLayer(const Options& options) : GlobalPooling2DBase(options) {}
  Tensor call(const Tensor& x, const CallContext& context) const override;
};
using GlobalMaxPooling2D = LayerRef<GlobalMaxPooling2DLayer>;

}  // namespace layers

extern template class LayerRef<layers::GlobalAveragePooling2DLayer>;
extern template class LayerRef<layers::GlobalMaxPooling2DLayer>;

}  // namespace kerata

#pragma GCC visibility pop
