// One step: unscale, accumulate, clip, decay, the rule, moving averages, the counter. All as graph nodes, so that it is
// the same eagerly and within a compiled step.
#include "core/require.h"
#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "optimizers/optimizer_access.h"

namespace kerata {
namespace {

Tensor as_type(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : x.cast(dtype); }

Scope& scope() { return *Scope::current(); }

// Whether `count` (an integer scalar) + 1 is a multiple of n; exact to 2^53.
Tensor ends_round(const Tensor& count, int n) {
  const Tensor next = count.cast("float64") + 1;
  return ops::equal(next - ops::floor(next / n) * n, 0);
}

Tensor clipped_by_norm(const Tensor& g, double limit) {
  const Tensor squares = ops::sum(ops::square(g));
  const Tensor positive = ops::greater(squares, 0);
  const Tensor norm = ops::where(positive, ops::sqrt(ops::where(positive, squares, 1)), squares);
  return g * limit / ops::maximum(norm, limit);
}

void clip_by_global_norm(std::vector<Tensor>& gradients, double limit) {
  Tensor squares;
  for (const Tensor& g : gradients) {
    const Tensor own = as_type(ops::sum(ops::square(g)), gradients[0].dtype());
    squares = squares.is_empty() ? own : squares + own;
  }
  const Tensor norm = ops::sqrt(squares);
  // norm - norm: a gradient that is not finite makes all of them NaN, as in Keras.
  const Tensor scale = limit * ops::minimum(1.0 / norm, 1.0 / limit) + (norm - norm);
  for (Tensor& g : gradients) g = g * as_type(scale, g.dtype());
}

void clip(std::vector<Tensor>& gradients, const OptimizerSettings& settings) {
  if (settings.clipnorm.value_or(0) > 0)
    for (Tensor& g : gradients) g = clipped_by_norm(g, *settings.clipnorm);
  else if (settings.global_clipnorm.value_or(0) > 0)
    clip_by_global_norm(gradients, *settings.global_clipnorm);
  else if (settings.clipvalue.value_or(0) > 0)
    for (Tensor& g : gradients) g = ops::clip(g, -*settings.clipvalue, *settings.clipvalue);
}

void decay(const std::vector<Variable>& variables, double weight_decay, const Tensor& rate,
           const UpdateContext& context) {
  for (const Variable& v : variables) context.update(v, v - v * as_type(rate, v.dtype()) * weight_decay);
}

// `value` where the gate (a bool scalar; empty: always) is open, else what the variable has.
Tensor through(const Tensor& gate, const Tensor& value, const Variable& variable) {
  return gate.is_empty() ? value : ops::where(gate, value, variable);
}

// The gradients' mean over the round once it is full; stores the sums in the accumulators.
Tensor accumulate(const OptimizerAccess::State& state, std::vector<Tensor>& gradients,
                  const std::vector<Variable>& variables, const Tensor& gate) {
  const int steps = *state.settings.gradient_accumulation_steps;
  const Tensor is_update = ends_round(state.iterations, steps);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Variable& sum = state.accumulators[state.index.at(variables[i].cell())];
    const Tensor total = gradients[i] + sum;
    scope().update(sum, through(gate, ops::where(is_update, ops::zeros_like(total), total), sum));
    gradients[i] = total / steps;
  }
  return gate.is_empty() ? is_update : ops::logical_and(is_update, gate);
}

void average(const OptimizerAccess::State& state, const Tensor& iteration, const Tensor& gate) {
  const OptimizerSettings& settings = state.settings;
  const Tensor not_first = ops::not_equal(iteration, 0);
  Tensor overwrite;
  if (settings.ema_overwrite_frequency) overwrite = ends_round(iteration, *settings.ema_overwrite_frequency);
  for (std::size_t i = 0; i < state.trained.size(); ++i) {
    const Variable &v = state.trained[i], &mean = state.averages[i];
    const Tensor momentum = not_first.cast(v.dtype()) * settings.ema_momentum;
    scope().update(mean, through(gate, momentum * mean + (1 - momentum) * v, mean));
    if (!overwrite.is_empty()) scope().update(v, through(gate, ops::where(overwrite, mean, v), v));
  }
}

}  // namespace

void UpdateContext::update(const Variable& variable, const Tensor& value) const {
  require<ShapeError>(value.shape() == variable.shape(), "UpdateContext.update", "'", variable.path(),
                      "' has another shape. Expected ", variable.shape(), ", received ", value.shape(), '.');
  const Tensor converted = as_type(value, variable.dtype());
  scope().update(variable, through(gate_, converted, variable));
}

Tensor OptimizerAccess::learning_rate(const Optimizer& optimizer) {
  const Optimizer::State& state = *optimizer.state_;
  return state.schedule ? as_type(state.schedule->call(Tensor(state.iterations).cast("float32")), DType::float32)
                        : Tensor(state.rate);
}

Tensor Optimizer::iteration() const {
  const auto& steps = state_->settings.gradient_accumulation_steps;
  if (!steps) return state_->iterations;
  return ops::floor(Tensor(state_->iterations).cast("float64") / *steps).cast("int64");
}

void OptimizerAccess::run(const Optimizer& optimizer, std::vector<Tensor> gradients,
                          const std::vector<Variable>& variables, const Tensor& gate) {
  const Optimizer::State& state = *optimizer.state_;
  const OptimizerSettings& settings = state.settings;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    gradients[i] = as_type(gradients[i], variables[i].dtype());
    if (settings.loss_scale_factor) gradients[i] = gradients[i] / *settings.loss_scale_factor;
  }
  const UpdateContext context(settings.gradient_accumulation_steps ? accumulate(state, gradients, variables, gate)
                                                                   : gate);
  clip(gradients, settings);
  const Tensor rate = learning_rate(optimizer);
  if (settings.weight_decay) decay(variables, *settings.weight_decay, rate, context);
  for (const DType dtype : {DType::float32, DType::float64, DType::float16, DType::bfloat16}) {
    std::vector<Tensor> some;
    std::vector<Variable> of_type;
    for (std::size_t i = 0; i < variables.size(); ++i)
      if (variables[i].dtype() == dtype) some.push_back(gradients[i]), of_type.push_back(variables[i]);
    if (!some.empty()) optimizer.update_all(some, of_type, as_type(rate, dtype), context);
  }
  if (settings.use_ema) average(state, optimizer.iteration(), gate);
  scope().update(state.iterations, through(gate, Tensor(state.iterations) + 1, state.iterations));
}

}  // namespace kerata
