#include "kerata/losses/loss.h"

#include "core/require.h"
#include "losses/reduction.h"

namespace kerata {

Loss::Loss(std::string name, Choice<Reduction> reduction, std::string dtype)
    : name_(std::move(name)), reduction_(reduction), dtype_(std::move(dtype)) {
  if (dtype_.empty()) return;
  require<ValueError>(is_floating(Choice<DType>::parse(dtype_)), "Loss",
                      "A loss is a floating-point number. Expected dtype ", "float32 or float64, received \"", dtype_,
                      "\".");
}

Tensor Loss::operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
  const DType type = detail::figure_type(dtype_, y_pred.dtype());
  // A cast makes a new value, and the logits behind a softmax would be lost: so only where it is needed.
  const Tensor prediction = y_pred.dtype() == type ? y_pred : y_pred.cast(type);
  const bool cast = y_true.dtype() != type && (casts_targets() || is_floating(y_true.dtype()));
  const Tensor values = call(cast ? y_true.cast(type) : y_true, prediction);
  Tensor mask = y_pred.mask();
  if (const Tensor own = values.mask(); !own.is_empty()) mask = mask.is_empty() ? own : detail::both(mask, own);
  return detail::reduce_weighted(values.dtype() == type ? values : values.cast(type), sample_weight, mask, reduction_);
}

void read_config(const Config& from, Choice<Reduction>& to) {
  if (from.is_null())
    to = "none";
  else if (from == Config("auto"))
    to = "sum_over_batch_size";
  else
    to = Choice<Reduction>::parse(from.as_text());
}

}  // namespace kerata
