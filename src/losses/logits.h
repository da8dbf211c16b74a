// The stable route: cross-entropies from the logits behind a softmax or sigmoid.
#pragma once

#include "kerata/graph/tensor.h"

namespace kerata::detail {

/// The x of y = softmax(x) over `axis`, or an empty tensor when y was not made so.
Tensor logits_of_softmax(const Tensor& y, Dim axis);
/// The x of y = sigmoid(x), or an empty tensor.
Tensor logits_of_sigmoid(const Tensor& y);

}  // namespace kerata::detail
