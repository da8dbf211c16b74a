// How values, weights and masks come together in losses and metrics.
#pragma once

#include "kerata/losses/loss.h"

namespace kerata::detail {

/// Adds or takes a last axis of size 1 where the ranks differ by one; a rank 1 is expanded.
void match_last_axis(Tensor& a, Tensor& b);
/// sample_weight (or ones) with the masked positions at 0; for a mean over all positions they are scaled up, so that
/// the result is the mean over the unmasked. An empty mask: sample_weight as it is.
Tensor apply_mask(const Tensor& sample_weight, const Tensor& mask, DType dtype, Reduction reduction);
/// The weighted values reduced to a scalar (or not, for Reduction::none).
Tensor reduce_weighted(const Tensor& values, const Tensor& sample_weight, const Tensor& mask, Reduction reduction);
/// Positions that both masks keep; a last axis of size 1 is added or taken where needed.
Tensor both(const Tensor& mask, const Tensor& other);
/// a / b, 0 where b is 0.
Tensor divide_no_nan(const Tensor& a, const Tensor& b);
/// The type that `name` says, or what a figure from `reference` is computed in.
DType figure_type(const std::string& name, DType reference);

}  // namespace kerata::detail
