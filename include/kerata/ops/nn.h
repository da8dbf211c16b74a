// Ops of neural networks (the activations' functions: see activations/activations.h).
#pragma once

#include "kerata/core/axes.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace ops {

Tensor relu(const Tensor& x);
Tensor softmax(const Tensor& x, Dim axis = -1);
Tensor log_softmax(const Tensor& x, Dim axis = -1);

/// 2-D windows on channels-last images.
struct Window2D {
  Size2 strides = 1;
  Choice<Padding> padding = "valid";
  Size2 dilation_rate = 1;
};
/// x (N, H, W, C), kernel (kh, kw, C / groups, F); result (N, H', W', F). groups = C / (kernel's third axis).
Tensor conv(const Tensor& x, const Tensor& kernel, const Window2D& window = {});
/// x (N, H, W, C); result (N, H', W', C). Strides must be set; "same" pads with -infinity,
/// and leaves the padding out of the average.
Tensor max_pool(const Tensor& x, Size2 pool_size, const Window2D& window);
Tensor average_pool(const Tensor& x, Size2 pool_size, const Window2D& window);

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
