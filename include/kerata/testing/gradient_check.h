// gradient_check: derivatives of a function of tensors against finite differences.
#pragma once

#include "kerata/core/function.h"
#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace testing {

struct GradientCheckOptions {
  double step = 1e-5;       // half the width of the central difference, in float64
  double tolerance = 1e-6;  // allowed |gradient - difference| / max(1, |difference|)
};

/// Compares the gradients of sum(f(inputs) * weights), with fixed weights, to central differences, element by element
/// and in float64 (`inputs` are cast). Integer inputs are passed on as they are. Throws ValueError naming the first
/// element that differs.
void gradient_check(const Function<Tensor(const Tensors& inputs)>& f, const Tensors& inputs,
                    const GradientCheckOptions& options = {});

}  // namespace testing
}  // namespace kerata

#pragma GCC visibility pop
