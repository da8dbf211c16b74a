// Errors as metrics.
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "metrics/config.h"
#include "metrics/metric_access.h"

namespace kerata::metrics {

MeanSquaredError::MeanSquaredError() : MeanSquaredError(Options{}) {}
MeanSquaredError::MeanSquaredError(const Options& options)
    : MeanMetricWrapper(losses::mean_squared_error, options.name, options.dtype), options_(options) {
  MetricAccess::state(*this).direction = -1;
}
Config MeanSquaredError::to_config() const { return detail::metric_config("MeanSquaredError", *this, options_); }

MeanAbsoluteError::MeanAbsoluteError() : MeanAbsoluteError(Options{}) {}
MeanAbsoluteError::MeanAbsoluteError(const Options& options)
    : MeanMetricWrapper(losses::mean_absolute_error, options.name, options.dtype), options_(options) {
  MetricAccess::state(*this).direction = -1;
}
Config MeanAbsoluteError::to_config() const { return detail::metric_config("MeanAbsoluteError", *this, options_); }

}  // namespace kerata::metrics
