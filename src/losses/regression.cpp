#include "kerata/losses/losses.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"

namespace kerata::losses {
namespace {

Tensor difference(const Tensor& y_true, const Tensor& y_pred) {
  Tensor truth = y_true.dtype() == y_pred.dtype() ? y_true : y_true.cast(y_pred.dtype()), prediction = y_pred;
  detail::match_ranks(truth, prediction);
  return truth - prediction;
}
Tensor mean_of_last(const Tensor& x) { return x.rank() == 0 ? x : ops::mean(x, {.axis = -1}); }

}  // namespace

Tensor MeanSquaredErrorFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_of_last(ops::square(difference(y_true, y_pred)));
}

Tensor MeanAbsoluteErrorFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_of_last(ops::abs(difference(y_true, y_pred)));
}

}  // namespace kerata::losses
