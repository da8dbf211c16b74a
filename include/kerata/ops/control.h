// Ops that steer gradients and loops.
#pragma once

#include "kerata/core/function.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace ops {

/// x as it is; nothing flows back through it.
Tensor stop_gradient(const Tensor& x);

/// What custom_gradient's function gives: the outputs and the rule back.
struct WithGradient {
  Tensors outputs;
  Function<Tensors(const Tensors& gradients)> gradient;  // of the outputs -> one per input
};
/// f(inputs) with a gradient of the caller's own (tf.custom_gradient).
Tensors custom_gradient(const Function<WithGradient(const Tensors& inputs)>& f, const Tensors& inputs);

/// One step of a loop: (carries, slices of xs at t) -> carries, then outputs to stack.
struct ScanStep {
  Tensors carry;
  Tensors outputs = {};
};
struct ScanResult {
  Tensors carry;    // after the last step
  Tensors outputs;  // stacked along axis 0
};
struct ScanOptions {
  Dim length = -1;  // needed when xs is empty
  bool reverse = false;
};
/// Loops over axis 0 of every tensor of `xs`; the body is traced once whatever the length (jax.lax.scan).
ScanResult scan(const Function<ScanStep(const Tensors& carry, const Tensors& x)>& body, const Tensors& initial,
                const Tensors& xs, const ScanOptions& options = {});

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
