// Accuracies: the functions, and the class that has an option.
#include "core/require.h"
#include "kerata/metrics/metrics.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"

namespace kerata::metrics {
namespace {

Tensor as_type(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : x.cast(dtype); }

}  // namespace

Tensor AccuracyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  Tensor truth = as_type(y_true, y_pred.dtype()), prediction = y_pred;
  detail::match_ranks(truth, prediction);
  return ops::equal(truth, prediction).cast("float32");
}

Tensor BinaryAccuracyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  Tensor truth = y_true, prediction = y_pred;
  detail::match_ranks(truth, prediction);
  return ops::equal(truth, ops::greater(prediction, threshold).cast(truth.dtype())).cast("float32");
}

Tensor CategoricalAccuracyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return ops::equal(y_true.argmax(-1), y_pred.argmax(-1)).cast("float32");
}

Tensor SparseCategoricalAccuracyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  Tensor truth = y_true;
  if (truth.rank() == y_pred.rank() && truth.shape().back() == 1) truth = ops::squeeze(truth, -1);
  return ops::equal(truth, as_type(y_pred.argmax(-1), truth.dtype())).cast("float32");
}

BinaryAccuracy::BinaryAccuracy() : BinaryAccuracy(Options{}) {}
BinaryAccuracy::BinaryAccuracy(const Options& options)
    : MeanMetricWrapper(BinaryAccuracyFunction{options.threshold}, options.name, options.dtype),
      threshold_(options.threshold) {
  require<ValueError>(options.threshold > 0 && options.threshold < 1, "BinaryAccuracy",
                      "threshold must be in (0, 1). Received ", options.threshold, '.');
  set_larger_is_better(true);
}
Config BinaryAccuracy::get_config() const {
  Config config = name_and_dtype();
  config.set("threshold", threshold_);
  return config;
}

}  // namespace kerata::metrics
