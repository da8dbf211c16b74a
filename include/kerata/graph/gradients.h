// Reverse-mode differentiation, graph to graph.
#pragma once

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Records eager ops while it lives, so that gradients() can go back through them.
class [[nodiscard]] GradientTape {
 public:
  GradientTape();
  ~GradientTape();
  GradientTape(const GradientTape&) = delete;
  GradientTape& operator=(const GradientTape&) = delete;
};

/// d loss / d each of `wrt`, as tensors of their shapes; zeros where the loss does not depend on one. Works on
/// traced graphs and, under a GradientTape, on eager results; the gradients can be differentiated again.
/// loss: scalar. Throws ShapeError if it is not, ValueError for an integer tensor in `wrt` or an op without gradient.
Tensors gradients(const Tensor& loss, const Tensors& wrt);

}  // namespace kerata

#pragma GCC visibility pop
