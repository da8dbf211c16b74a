#include "losses/reduction.h"

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata::detail {

void match_last_axis(Tensor& a, Tensor& b) {
  const Dim rank_a = a.rank(), rank_b = b.rank();
  if (rank_a == rank_b + 1 && a.shape().back() == 1) {
    if (rank_b == 1)
      b = ops::expand_dims(b, -1);
    else
      a = ops::squeeze(a, -1);
  } else if (rank_b == rank_a + 1 && b.shape().back() == 1) {
    if (rank_a == 1)
      a = ops::expand_dims(a, -1);
    else
      b = ops::squeeze(b, -1);
  }
}

void match_ranks(Tensor& y_true, Tensor& y_pred) { match_last_axis(y_true, y_pred); }

Tensor both(const Tensor& mask, const Tensor& other) {
  Tensor a = mask, b = other;
  match_last_axis(a, b);
  return ops::logical_and(a, b);
}

Tensor divide_no_nan(const Tensor& a, const Tensor& b) {
  const Tensor is_zero = ops::equal(b, 0);
  return ops::where(is_zero, 0, a / ops::where(is_zero, 1, b));
}

DType figure_type(const std::string& name, DType reference) {
  if (name.empty()) return reference == DType::float64 ? DType::float64 : DType::float32;
  return Choice<DType>::parse(name);
}

Tensor apply_mask(const Tensor& sample_weight, const Tensor& mask, DType dtype, Reduction reduction) {
  if (mask.is_empty()) return sample_weight;
  Tensor weight = mask.cast(dtype);
  if (reduction == Reduction::mean || reduction == Reduction::sum_over_batch_size) {
    const Tensor valid = ops::sum(weight);
    const Tensor total = ops::sum(ops::ones_like(weight));
    weight = weight * divide_no_nan(total, valid);
  }
  if (sample_weight.is_empty()) return weight;
  Tensor given = sample_weight.cast(dtype);
  match_last_axis(weight, given);
  return given * weight;
}

Tensor reduce_weighted(const Tensor& values, const Tensor& sample_weight, const Tensor& mask, Reduction reduction) {
  Tensor weight = apply_mask(sample_weight, mask, values.dtype(), reduction);
  Tensor weighted = values;
  if (!weight.is_empty()) {
    weight = weight.cast(values.dtype());
    match_last_axis(weighted, weight);
    weighted = weighted * weight;
  }
  if (reduction == Reduction::none || weighted.rank() == 0) return weighted;
  if (reduction == Reduction::sum) return ops::sum(weighted);
  if (reduction == Reduction::mean_with_sample_weight && !weight.is_empty())
    return divide_no_nan(ops::sum(weighted), ops::sum(weight));
  if (weighted.size() == 0) return ops::sum(weighted);
  return ops::mean(weighted);
}

}  // namespace kerata::detail
