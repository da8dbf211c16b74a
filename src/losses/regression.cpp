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

Config config_with(const char* class_name, Config fields) {
  return Config::Object{{"class_name", class_name}, {"config", std::move(fields)}};
}

}  // namespace

Tensor MeanSquaredErrorFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_of_last(ops::square(difference(y_true, y_pred)));
}

Tensor MeanAbsoluteErrorFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_of_last(ops::abs(difference(y_true, y_pred)));
}

MeanSquaredError::MeanSquaredError() : MeanSquaredError(Options{}) {}
MeanSquaredError::MeanSquaredError(const Options& options)
    : Loss(options.name, options.reduction, options.dtype), options_(options) {}
Tensor MeanSquaredError::call(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_squared_error(y_true, y_pred);
}
Config MeanSquaredError::to_config() const {
  Config fields;
  write_fields(options_, fields);
  return config_with("MeanSquaredError", std::move(fields));
}

MeanAbsoluteError::MeanAbsoluteError() : MeanAbsoluteError(Options{}) {}
MeanAbsoluteError::MeanAbsoluteError(const Options& options)
    : Loss(options.name, options.reduction, options.dtype), options_(options) {}
Tensor MeanAbsoluteError::call(const Tensor& y_true, const Tensor& y_pred) const {
  return mean_absolute_error(y_true, y_pred);
}
Config MeanAbsoluteError::to_config() const {
  Config fields;
  write_fields(options_, fields);
  return config_with("MeanAbsoluteError", std::move(fields));
}

}  // namespace kerata::losses
