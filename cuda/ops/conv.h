// The three passes of a convolution, and kernels of our own for them.
#pragma once

#include "cuda/ops/window_shape.h"

namespace kerata::cuda {

/// kConv [x, kernel(, bias)], kConvInputGrad [kernel, dy], kConvKernelGrad [x, dy]. Values as in conv.cuh.
enum class ConvPass : int { forward, images, kernel };

WindowShape conv_shape(const KernelSpec& spec, ConvPass pass);
/// Takes all types and shapes, and memory at any address.
std::unique_ptr<Kernel> make_own_conv(const KernelSpec& spec, ConvPass pass);

}  // namespace kerata::cuda
