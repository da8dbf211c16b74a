// Sizes of a sliding window, as TensorFlow and Keras count them.
#pragma once

#include <algorithm>

#include "ops/nn_attrs.h"

namespace kerata::ops {

/// How one axis is swept: output size and zeros before the first element ("same" puts the odd one after the last).
struct Sweep {
  Dim out = 0, before = 0;
};

inline Sweep sweep(Dim in, Dim window, Dim stride, Dim dilation, bool same) {
  const Dim extent = (window - 1) * dilation + 1;
  if (!same) return {in < extent ? 0 : (in - extent) / stride + 1, 0};
  const Dim out = (in + stride - 1) / stride;
  return {out, std::max<Dim>(0, (out - 1) * stride + extent - in) / 2};
}

/// The same for a size that may be unknown.
inline Dim swept_size(std::string_view op, Dim in, Dim window, Dim stride, Dim dilation, bool same) {
  if (in < 0) return same && stride == 1 ? in : -1;
  const Dim out = sweep(in, window, stride, dilation, same).out;
  require<ShapeError>(out > 0 || in == 0, op, "The window does not fit. Expected an image of at least ",
                      (window - 1) * dilation + 1, " pixels along each axis, received ", in,
                      ". Hint: padding \"same\" or a smaller window.");
  return out;
}

inline void check_window(std::string_view op, const WindowAttrs& p) {
  const bool positive =
      p.stride_h > 0 && p.stride_w > 0 && p.dilation_h > 0 && p.dilation_w > 0 && p.pool_h > 0 && p.pool_w > 0;
  require<ValueError>(positive, op, "Expected positive sizes, received strides ", p.stride_h, " x ", p.stride_w,
                      ", dilation ", p.dilation_h, " x ", p.dilation_w, ", pool size ", p.pool_h, " x ", p.pool_w, '.');
}

}  // namespace kerata::ops
