// Mean, Sum, MeanMetricWrapper, RootMeanSquaredError.
#include "core/object_config.h"
#include "core/require.h"
#include "kerata/metrics/metrics.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "losses/reduction.h"
#include "metrics/metric_access.h"
#include "metrics/samplewise.h"

namespace kerata::metrics {
namespace {

Tensor tensor_of(const Operand& values) {
  return values.is_number() ? ops::full({}, values.number()) : values.tensor();
}

}  // namespace

Mean::Mean(std::string name) : Mean(Options{.name = std::move(name)}) {}
Mean::Mean(const Options& options)
    : Metric(options.name, options.dtype), total_(add_variable("total", {})), count_(add_variable("count", {})) {}
void Mean::update_state(const Operand& values, const Tensor& sample_weight) {
  MetricAccess::update_now(*this, tensor_of(values), {}, sample_weight);
}
void Mean::update(const Tensor& values, const Tensor&, const Tensor& sample_weight, const CallContext& context) const {
  detail::update_mean(total_, count_, values, sample_weight, context);
}
Tensor Mean::compute() const { return detail::divide_no_nan(total_, count_); }
Config Mean::get_config() const { return name_and_dtype(); }

Sum::Sum(std::string name) : Sum(Options{.name = std::move(name)}) {}
Sum::Sum(const Options& options) : Metric(options.name, options.dtype), total_(add_variable("total", {})) {}
void Sum::update_state(const Operand& values, const Tensor& sample_weight) {
  MetricAccess::update_now(*this, tensor_of(values), {}, sample_weight);
}
void Sum::update(const Tensor& values, const Tensor&, const Tensor& sample_weight, const CallContext& context) const {
  const Tensor samples = detail::to_samplewise(values, sample_weight, false, dtype()).values;
  context.update(total_, total_ + (samples.rank() > 0 ? ops::sum(samples) : samples));
}
Tensor Sum::compute() const { return total_; }
Config Sum::get_config() const { return name_and_dtype(); }

MeanMetricWrapper::MeanMetricWrapper(const AnyLoss& fn) : MeanMetricWrapper(fn, Options{}) {}
MeanMetricWrapper::MeanMetricWrapper(const AnyLoss& fn, const Options& options)
    : MeanMetricWrapper(fn, options.name, options.dtype) {}
MeanMetricWrapper::MeanMetricWrapper(std::string name, const AnyLoss& fn)
    : MeanMetricWrapper(fn, std::move(name), std::string()) {}
MeanMetricWrapper::MeanMetricWrapper(const AnyLoss& fn, std::string name, std::string dtype)
    : Metric(name.empty() && fn ? fn->name() : std::move(name), std::move(dtype)),
      function_(fn),
      total_(add_variable("total", {})),
      count_(add_variable("count", {})) {
  require<ValueError>(static_cast<bool>(fn), "MeanMetricWrapper",
                      "Expected a function of (y_true, y_pred), received none.");
}
void MeanMetricWrapper::update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                               const CallContext& context) const {
  const Tensor values = function_->call(y_true, y_pred);
  const Tensor weight = detail::apply_mask(sample_weight, y_pred.mask(), dtype(), Reduction::sum);
  detail::update_mean(total_, count_, values, weight, context);
}
Tensor MeanMetricWrapper::compute() const { return detail::divide_no_nan(total_, count_); }
Config MeanMetricWrapper::get_config() const {
  Config config = name_and_dtype();
  config.set("fn", function_->to_config());
  const Config arguments = function_->function_arguments();
  for (const auto& [key, value] : arguments.as_object()) config.set(key, value);
  return config;
}

Config MeanMetricWrapper::function_or_wrapper_config() const {
  const bool is_plain = function_->function_arguments().as_object().empty();
  return is_plain ? function_->to_config() : object_config("keras.metrics", "MeanMetricWrapper", get_config());
}

RootMeanSquaredError::RootMeanSquaredError() : RootMeanSquaredError(Options{}) {}
RootMeanSquaredError::RootMeanSquaredError(const Options& options)
    : Metric(options.name, options.dtype), total_(add_variable("total", {})), count_(add_variable("count", {})) {
  set_larger_is_better(false);
}
void RootMeanSquaredError::update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                                  const CallContext& context) const {
  Tensor truth = y_true.cast(dtype()), prediction = y_pred.cast(dtype());
  detail::match_ranks(truth, prediction);
  detail::update_mean(total_, count_, ops::square(prediction - truth), sample_weight, context);
}
Tensor RootMeanSquaredError::compute() const { return ops::sqrt(detail::divide_no_nan(total_, count_)); }
Config RootMeanSquaredError::get_config() const { return name_and_dtype(); }

}  // namespace kerata::metrics
