// Convolutions by cuDNN.
#pragma once

#include "cuda/ops/conv.h"

namespace kerata::cuda {

/// Null where cuDNN is not installed or has nothing for this convolution: float64, integers.
std::unique_ptr<Kernel> make_cudnn_conv(const KernelSpec& spec, ConvPass pass);

}  // namespace kerata::cuda
