// The sizes of one convolution or pooling, all known.
#pragma once

#include "backend/kernel.h"
#include "ops/window.h"

namespace kerata::cpu {

/// x (batch, in_h, in_w, channels), y (batch, out_h, out_w, filters), kernel (kh, kw, depth, filters).
struct ConvShape {
  Dim batch, in_h, in_w, channels, out_h, out_w, filters, kh, kw, depth, groups;
  Dim stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;

  Dim window() const { return kh * kw * depth; }
  Dim pixels() const { return batch * out_h * out_w; }
  /// The columns of x are x itself: a product of matrices.
  bool pointwise() const { return kh == 1 && kw == 1 && stride_h == 1 && stride_w == 1 && groups == 1; }
};

inline ConvShape conv_shape(const ops::WindowAttrs& p, const Shape& x, const Shape& kernel) {
  const ops::Sweep down = ops::sweep(x[1], kernel[0], p.stride_h, p.dilation_h, p.same);
  const ops::Sweep right = ops::sweep(x[2], kernel[1], p.stride_w, p.dilation_w, p.same);
  return {x[0],       x[1],         x[2],         x[3],        down.out,         right.out,
          kernel[3],  kernel[0],    kernel[1],    kernel[2],   x[3] / kernel[2], p.stride_h,
          p.stride_w, p.dilation_h, p.dilation_w, down.before, right.before};
}

}  // namespace kerata::cpu
