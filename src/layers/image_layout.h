// Images with the channels first are moved to channels last and back: kernels know channels last only.
#pragma once

#include "core/require.h"
#include "kerata/ops/shape.h"

namespace kerata::layers {

inline Tensor to_channels_last(const Tensor& x, DataFormat format) {
  return format == DataFormat::channels_first ? ops::transpose(x, {0, 2, 3, 1}) : x;
}
inline Tensor from_channels_last(const Tensor& x, DataFormat format) {
  return format == DataFormat::channels_first ? ops::transpose(x, {0, 3, 1, 2}) : x;
}
inline void require_image(const char* where, const Shape& x) {
  require<ShapeError>(x.rank() == 4, where, "Expected an input of rank 4, (batch, height, width, channels), received ",
                      x, ". Hint: x.reshape({-1, height, width, 1}) for grey images.");
}

}  // namespace kerata::layers
