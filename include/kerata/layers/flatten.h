// Flatten: all axes but the batch into one.
#pragma once

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// (batch, a, b, ...) -> (batch, a * b * ...); (batch) -> (batch, 1). With channels_first the channels (axis 1) are
/// moved to the end before. Drops a mask. https://keras.io/api/layers/reshaping_layers/flatten
class FlattenLayer : public Layer {
 public:
  struct Options {
    Choice<DataFormat> data_format = "channels_last";
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("data_format", &Options::data_format), field("name", &Options::name),
                        field("trainable", &Options::trainable), field("dtype", &Options::dtype)};
    }
  };
  explicit FlattenLayer(const Options& options);
  void build(const Shape&) override {}  // Keras writes the shape
  Tensor call(const Tensor& x, const CallContext& context) const override;

 private:
  DataFormat data_format_;
};
using Flatten = LayerRef<FlattenLayer>;

}  // namespace layers

extern template class LayerRef<layers::FlattenLayer>;

}  // namespace kerata

#pragma GCC visibility pop
