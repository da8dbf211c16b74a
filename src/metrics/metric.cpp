#include "kerata/metrics/metric.h"

#include "core/require.h"
#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "losses/reduction.h"
#include "metrics/metric_access.h"

namespace kerata {

Metric::Metric(std::string name, std::string dtype) : state_(std::make_shared<State>()) {
  state_->name = std::move(name);
  state_->dtype = detail::figure_type(dtype, DType::float32);
  require<ValueError>(is_floating(state_->dtype), state_->name,
                      "A metric is a floating-point number. Expected dtype float32 or "
                      "float64, received \"",
                      dtype, "\".");
}

Variable Metric::add_variable(const std::string& name, const Shape& shape) {
  Variable variable(name, Role::metric, ops::zeros(shape, state_->dtype));
  state_->variables.push_back(variable);
  return variable;
}

void MetricAccess::update_now(const Metric& metric, const Tensor& y_true, const Tensor& y_pred,
                              const Tensor& sample_weight) {
  if (Scope::current()) return metric.update(y_true, y_pred, sample_weight, CallContext());
  Scope scope(Mode::eager, false);
  metric.update(y_true, y_pred, sample_weight, CallContext());
  scope.commit();
}

void Metric::update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
  MetricAccess::update_now(*this, y_true, y_pred, sample_weight);
}

double Metric::result() const { return compute().item(); }

void Metric::reset_state() {
  for (const Variable& variable : state_->variables) variable.assign(ops::zeros(variable.shape(), variable.dtype()));
}

std::string Metric::name() const { return state_->name; }
std::vector<Variable> Metric::variables() const { return state_->variables; }
DType Metric::dtype() const { return state_->dtype; }

Config Metric::name_and_dtype() const {
  return Config::Object{{"name", name()}, {"dtype", std::string(to_string(dtype()))}};
}

void Metric::set_larger_is_better(bool larger) { state_->direction = larger ? 1 : -1; }

}  // namespace kerata
