#include "kerata/layers/pooling2d.h"

#include "kerata/ops/nn.h"
#include "layers/image_layout.h"

namespace kerata::layers {

Pooling2DBase::Pooling2DBase(const char* class_name, Size2 pool_size, const Options& options)
    : where_(class_name), pool_size_(pool_size), options_(options) {
  require<ValueError>(pool_size.height > 0 && pool_size.width > 0, class_name,
                      "Expected a positive pool_size, received (", pool_size.height, ", ", pool_size.width, ").");
  const Size2 strides = options.strides;
  require<ValueError>(strides == Size2(0) || (strides.height > 0 && strides.width > 0), class_name,
                      "Expected positive strides (or 0: the pool_size), received (", strides.height, ", ",
                      strides.width, ").");
  if (strides == Size2(0)) options_.strides = pool_size;
}

Tensor Pooling2DBase::call(const Tensor& x, const CallContext&) const {
  require_image(where_, x.shape());
  const Tensor image = to_channels_last(x, options_.data_format);
  return from_channels_last(pool(image, pool_size_, options_.strides, options_.padding), options_.data_format);
}

Config Pooling2DBase::get_config() const {
  Config config = Layer::get_config();
  config.set("strides", config_of(options_.strides));
  return config;
}

Tensor MaxPooling2DLayer::pool(const Tensor& x, Size2 pool_size, Size2 strides, Padding padding) const {
  return ops::max_pool(x, pool_size, {.strides = strides, .padding = padding});
}

Tensor AveragePooling2DLayer::pool(const Tensor& x, Size2 pool_size, Size2 strides, Padding padding) const {
  return ops::average_pool(x, pool_size, {.strides = strides, .padding = padding});
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::MaxPooling2DLayer, Size2>;
template class LayerRef<layers::AveragePooling2DLayer, Size2>;
}  // namespace kerata
