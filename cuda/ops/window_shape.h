// The sizes of one convolution or pooling, all known.
#pragma once

#include <compare>

#include "backend/kernel.h"
#include "ops/window.h"

namespace kerata::cuda {

/// x (batch, in_h, in_w, channels), y (batch, out_h, out_w, filters), kernel (kh, kw, depth, filters).
struct WindowShape {
  Dim batch, in_h, in_w, channels, out_h, out_w, filters, kh, kw, depth;
  Dim stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;

  Dim groups() const { return depth ? channels / depth : 0; }
  Dim window() const { return kh * kw * depth; }
  Dim in_pixels() const { return batch * in_h * in_w; }
  Dim out_pixels() const { return batch * out_h * out_w; }
  auto operator<=>(const WindowShape&) const = default;
};

inline WindowShape window_shape(const ops::WindowAttrs& p, const Shape& x, const Shape& kernel) {
  const ops::Sweep down = ops::sweep(x[1], kernel[0], p.stride_h, p.dilation_h, p.same);
  const ops::Sweep right = ops::sweep(x[2], kernel[1], p.stride_w, p.dilation_w, p.same);
  return {x[0],      x[1],      x[2],       x[3],       down.out,     right.out,    kernel[3],   kernel[0],
          kernel[1], kernel[2], p.stride_h, p.stride_w, p.dilation_h, p.dilation_w, down.before, right.before};
}

}  // namespace kerata::cuda
