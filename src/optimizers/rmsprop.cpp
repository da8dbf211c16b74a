#include "kerata/optimizers/rmsprop.h"

#include "core/require.h"
#include "ops/optimizer_ops.h"
#include "optimizers/fused_step.h"

namespace kerata::optimizers {

RMSprop::RMSprop() : RMSprop(Options{}) {}
RMSprop::RMSprop(const LearningRate& learning_rate) : RMSprop(Options{.learning_rate = learning_rate}) {}
RMSprop::RMSprop(const Options& options)
    : Optimizer(detail::rate_of(options), detail::settings_of(options, "rm_sprop")), options_(options) {
  require<ValueError>(options.rho >= 0 && options.rho <= 1, "RMSprop", "rho must be in [0, 1]. Received ", options.rho,
                      '.');
  require<ValueError>(options.momentum >= 0 && options.momentum <= 1, "RMSprop",
                      "momentum must be in [0, 1]. Received ", options.momentum, '.');
}

// Keras's files hold all velocities, then all momenta, then all average gradients.
void RMSprop::build_slots(const std::vector<Variable>& variables) const {
  for (const Variable& v : variables) slot(v, "velocity");
  if (options_.momentum > 0)
    for (const Variable& v : variables) slot(v, "momentum");
  if (options_.centered)
    for (const Variable& v : variables) slot(v, "average_gradient");
}

void RMSprop::update_step(const Tensor& g, const Variable& w, const Tensor& rate, const UpdateContext& context) const {
  update_all({g}, {w}, rate, context);
}

void RMSprop::update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables,
                         const Tensor& rate, const UpdateContext& context) const {
  std::vector<std::vector<Variable>> slots;
  auto add = [&](const char* name) {
    slots.emplace_back();
    for (const Variable& v : variables) slots.back().push_back(slot(v, name));
  };
  add("velocity");
  if (options_.momentum > 0) add("momentum");
  if (options_.centered) add("average_gradient");
  detail::fused_step(ops::kRmspropStep,
                     ops::RmspropAttrs{static_cast<Dim>(variables.size()), options_.rho, options_.momentum,
                                       options_.epsilon, options_.centered, !context.gate().is_empty()},
                     variables, slots, gradients, rate, iteration(), context);
}

Config RMSprop::get_config() const { return detail::optimizer_config(*this, options_); }

}  // namespace kerata::optimizers
