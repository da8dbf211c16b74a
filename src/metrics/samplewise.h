// Weighted values to one value per sample.
#pragma once

#include "kerata/graph/call_context.h"

namespace kerata::detail {

struct Samplewise {
  Tensor values;  // (batch) or a scalar
  Tensor weight;  // as `values`, or empty
};
/// keras.src.metrics.reduction_metrics.reduce_to_samplewise_values; `take_mean`: else sums.
Samplewise to_samplewise(const Tensor& values, const Tensor& sample_weight, bool take_mean, DType dtype);

/// total += sum of the weighted values, count += sum of the weights.
void update_mean(const Variable& total, const Variable& count, const Tensor& values, const Tensor& sample_weight,
                 const CallContext& context);

}  // namespace kerata::detail
