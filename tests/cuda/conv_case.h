// Convolutions that are tried on every kind of kernel.
#pragma once

#include "cuda/both_devices.h"
#include "ops/nn_attrs.h"

namespace kerata {

struct ConvCase {
  Shape x, kernel;
  Dim stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
};
inline const ConvCase kConvs[] = {
    {{1, 1, 1, 1}, {1, 1, 1, 1}},
    {{2, 6, 7, 3}, {3, 3, 3, 4}},
    {{2, 6, 7, 3}, {1, 1, 3, 5}},
    {{2, 9, 8, 3}, {3, 2, 3, 4}, 2, 3},
    {{1, 9, 10, 2}, {3, 3, 2, 4}, 1, 1, 2, 3},
    {{3, 7, 5, 6}, {3, 3, 2, 9}},        // three groups
    {{1, 6, 6, 4}, {3, 3, 1, 8}, 2, 2},  // a group for each channel
    {{4, 14, 14, 8}, {5, 5, 8, 16}},
    {{2, 20, 33, 5}, {3, 3, 5, 70}, 1, 2},
    {{1, 5, 5, 2}, {2, 2, 2, 3}, 3, 3},  // pixels that no window meets
    {{1, 6, 8, 3}, {2, 4, 3, 4}},        // "same" puts more zeros behind
    {{2, 8, 6, 3}, {3, 3, 3, 4}, 2, 2},  // and here
    {{2, 9, 12, 2}, {2, 3, 2, 4}, 2, 1, 3, 2},
};

inline ops::WindowAttrs attrs_of(const ConvCase& c, bool same) {
  ops::WindowAttrs p;
  p.stride_h = c.stride_h, p.stride_w = c.stride_w;
  p.dilation_h = c.dilation_h, p.dilation_w = c.dilation_w;
  p.same = same;
  return p;
}

/// The result and both gradients on the GPU beside the CPU's.
inline void compare_passes(Noise& noise, const ConvCase& c, DType dtype, bool same, double tolerance) {
  ops::WindowAttrs p = attrs_of(c, same);
  const Tensor x = noise.tensor(dtype, c.x), kernel = noise.tensor(dtype, c.kernel);
  const Tensor y = compare_devices(ops::kConv, {x, kernel}, p, tolerance)[0];
  const Tensor dy = noise.tensor(dtype, y.shape());
  p.shape = c.x;
  compare_devices(ops::kConvInputGrad, {kernel, dy}, p, tolerance);
  p.shape = c.kernel;
  compare_devices(ops::kConvKernelGrad, {x, dy}, p, tolerance);
}

/// The activation of the result, without a bias and with one.
inline void compare_activated(Noise& noise, const ConvCase& c, DType dtype, bool same, int activation,
                              double tolerance) {
  ops::WindowAttrs p = attrs_of(c, same);
  p.activation = activation;
  const Tensor x = noise.tensor(dtype, c.x), kernel = noise.tensor(dtype, c.kernel);
  compare_devices(ops::kConv, {x, kernel}, p, tolerance);
  p.has_bias = true;
  compare_devices(ops::kConv, {x, kernel, noise.tensor(dtype, {c.kernel.back()})}, p, tolerance);
}

}  // namespace kerata
