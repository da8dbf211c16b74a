#include "kerata/optimizers/loss_scale_optimizer.h"

#include "core/require.h"
#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "optimizers/optimizer_access.h"

namespace kerata::optimizers {
namespace {

constexpr const char* kWhere = "LossScaleOptimizer";

// Its state, in the order in which files hold it.
struct ScaleState {
  Variable counter, scale;
};
ScaleState scale_state(const Optimizer& optimizer) {
  const std::vector<Variable>& own = OptimizerAccess::state(optimizer).slots;
  return {own.at(0), own.at(1)};
}
bool is_built(const Optimizer& optimizer) { return OptimizerAccess::state(optimizer).built; }

// A bool scalar; empty without gradients.
Tensor all_finite(const std::vector<Tensor>& gradients) {
  Tensor all;
  for (const Tensor& g : gradients) {
    if (g.is_empty()) continue;
    const Tensor one = ops::all(ops::isfinite(g));
    all = all.is_empty() ? one : ops::logical_and(all, one);
  }
  return all;
}

// At least in float32, as the scale is.
Tensor unscaled(const Tensor& g, const Tensor& scale) {
  if (g.is_empty()) return g;
  return g.dtype() == DType::float64 ? g / scale.cast("float64") : g.cast("float32") / scale;
}

OptimizerSettings settings_of(const LossScaleOptimizer::Options& options) {
  return {.name = options.name.empty() ? "loss_scale_optimizer" : options.name};
}

}  // namespace

LossScaleOptimizer::LossScaleOptimizer(const AnyOptimizer& inner) : LossScaleOptimizer(inner, Options{}) {}
LossScaleOptimizer::LossScaleOptimizer(const AnyOptimizer& inner, const Options& options)
    : Optimizer(0.0, settings_of(options)), inner_(inner), options_(options) {
  require<ValueError>(static_cast<bool>(inner), kWhere, "inner_optimizer: Expected an optimizer, received none.");
  require<ValueError>(!OptimizerAccess::state(*inner).inner, kWhere,
                      "inner_optimizer: Expected an optimizer that does not scale the loss itself, received a "
                      "LossScaleOptimizer.");
  require<ValueError>(options.initial_scale > 0, kWhere, "initial_scale must be positive. Received ",
                      options.initial_scale, '.');
  require<ValueError>(options.dynamic_growth_steps >= 1, kWhere, "dynamic_growth_steps must be at least 1. Received ",
                      options.dynamic_growth_steps, '.');
  OptimizerAccess::state(*this).inner = inner.object();
  OptimizerAccess::state(*inner).settings.loss_scale_factor.reset();
}

double LossScaleOptimizer::dynamic_scale() const {
  return is_built(*this) ? Tensor(scale_state(*this).scale).item() : options_.initial_scale;
}
std::int64_t LossScaleOptimizer::step_counter() const {
  return is_built(*this) ? Tensor(scale_state(*this).counter).item<std::int64_t>() : 0;
}

double LossScaleOptimizer::learning_rate() const { return inner_->learning_rate(); }
void LossScaleOptimizer::set_learning_rate(const LearningRate& rate) { inner_->set_learning_rate(rate); }
std::int64_t LossScaleOptimizer::iterations() const { return inner_->iterations(); }

void LossScaleOptimizer::build(const std::vector<Variable>& variables) {
  if (is_built(*this)) return;
  inner_->build(variables);
  OptimizerAccess::add_scalar(*this, "step_counter", ops::zeros({}, "int64"));
  OptimizerAccess::add_scalar(*this, "dynamic_scale", ops::full({}, options_.initial_scale));
  OptimizerAccess::state(*this).built = true;
}

std::vector<Variable> LossScaleOptimizer::variables() const {
  std::vector<Variable> all = Optimizer::variables();
  const std::vector<Variable> inner = inner_->variables();
  all.insert(all.end(), inner.begin(), inner.end());
  return all;
}

void LossScaleOptimizer::apply(const Tensors& gradients, const std::vector<Variable>& variables) {
  if (variables.empty()) return inner_->apply(gradients, variables);
  build(variables);
  OptimizerAccess::in_scope([&] {
    const ScaleState state = scale_state(*this);
    const Tensor scale = state.scale, finite = all_finite(gradients.list());
    std::vector<Tensor> plain;
    for (const Tensor& g : gradients.list()) plain.push_back(unscaled(g, scale));
    OptimizerAccess::apply(*inner_, Tensors(std::move(plain)), variables, finite);
    const Tensor grows = ops::equal(state.counter, options_.dynamic_growth_steps - 1);
    Scope& scope = *Scope::current();
    scope.update(state.counter, ops::where(ops::logical_and(finite, ops::logical_not(grows)), state.counter + 1,
                                           ops::zeros({}, "int64")));
    scope.update(state.scale, ops::where(finite, ops::where(grows, scale * 2.0, scale), scale * 0.5));
  });
}

Tensor LossScaleOptimizer::scale_loss(const Tensor& loss) const {
  if (!is_built(*this)) return loss * options_.initial_scale;
  const Tensor scale = scale_state(*this).scale;
  return loss * (loss.dtype() == scale.dtype() ? scale : scale.cast(loss.dtype()));
}

void LossScaleOptimizer::finalize_variable_values(const std::vector<Variable>& variables) {
  inner_->finalize_variable_values(variables);
}

void LossScaleOptimizer::update_step(const Tensor&, const Variable&, const Tensor&, const UpdateContext&) const {
  throw StateError("[LossScaleOptimizer] The inner optimizer has the rule. Hint: call apply().");
}

Config LossScaleOptimizer::get_config() const {
  return Config::Object{{"name", name()},
                        {"inner_optimizer", inner_->to_config()},
                        {"initial_scale", options_.initial_scale},
                        {"dynamic_growth_steps", options_.dynamic_growth_steps}};
}

}  // namespace kerata::optimizers
