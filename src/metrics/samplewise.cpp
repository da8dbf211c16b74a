#include "metrics/samplewise.h"

#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "losses/reduction.h"

namespace kerata::detail {
namespace {

// Over all axes from `first` on.
Tensor reduce_from(const Tensor& x, Dim first, bool take_mean) {
  std::vector<Dim> axes;
  for (Dim axis = first; axis < x.rank(); ++axis) axes.push_back(axis);
  if (axes.empty()) return x;
  return take_mean ? ops::mean(x, {.axis = axes}) : ops::sum(x, {.axis = axes});
}

Tensor as_type(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : x.cast(dtype); }

}  // namespace

Samplewise to_samplewise(const Tensor& given, const Tensor& sample_weight, bool take_mean, DType dtype) {
  Tensor values = as_type(given, dtype), weight;
  if (!sample_weight.is_empty()) {
    weight = apply_mask(as_type(sample_weight, dtype), given.mask(), dtype, Reduction::sum);
    match_last_axis(values, weight);
    const Dim weight_rank = weight.rank();
    if (values.rank() > weight_rank) values = reduce_from(values, weight_rank, take_mean);
    if (!(weight.shape() == values.shape())) weight = ops::broadcast_to(weight, values.shape());
    values = values * weight;
    if (weight_rank > 1) weight = reduce_from(weight, 1, take_mean);
  }
  return {values.rank() > 1 ? reduce_from(values, 1, take_mean) : values, weight};
}

void update_mean(const Variable& total, const Variable& count, const Tensor& values, const Tensor& sample_weight,
                 const CallContext& context) {
  const Samplewise samples = to_samplewise(values, sample_weight, true, total.dtype());
  context.update(total, total + (samples.values.rank() > 0 ? ops::sum(samples.values) : samples.values));
  if (samples.weight.is_empty())
    context.update(count, count + (samples.values.rank() > 0 ? samples.values.shape()[0] : 1));
  else
    context.update(count, count + (samples.weight.rank() > 0 ? ops::sum(samples.weight) : samples.weight));
}

}  // namespace kerata::detail
