#include "kerata/layers/global_pooling2d.h"

#include "kerata/ops/reduction.h"
#include "layers/image_layout.h"

namespace kerata::layers {

std::vector<Dim> GlobalPooling2DBase::checked_axes(const char* where, const Tensor& x) const {
  require_image(where, x.shape());
  return options_.data_format == DataFormat::channels_last ? std::vector<Dim>{1, 2} : std::vector<Dim>{2, 3};
}

Tensor GlobalAveragePooling2DLayer::call(const Tensor& x, const CallContext&) const {
  return ops::mean(x, {.axis = checked_axes("GlobalAveragePooling2D", x), .keepdims = options_.keepdims});
}

Tensor GlobalMaxPooling2DLayer::call(const Tensor& x, const CallContext&) const {
  return ops::max(x, {.axis = checked_axes("GlobalMaxPooling2D", x), .keepdims = options_.keepdims});
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::GlobalAveragePooling2DLayer>;
template class LayerRef<layers::GlobalMaxPooling2DLayer>;
}  // namespace kerata
