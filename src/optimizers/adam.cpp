#include "kerata/optimizers/adam.h"

#include "core/require.h"
#include "ops/optimizer_ops.h"
#include "optimizers/fused_step.h"

namespace kerata::optimizers {

Adam::Adam() : Adam(Options{}) {}
Adam::Adam(const LearningRate& learning_rate) : Adam(Options{.learning_rate = learning_rate}) {}
Adam::Adam(const Options& options)
    : Optimizer(detail::rate_of(options), detail::settings_of(options, "adam")), options_(options) {
  for (const auto& [name, beta] : {std::pair{"beta_1", options.beta_1}, std::pair{"beta_2", options.beta_2}})
    require<ValueError>(beta >= 0 && beta < 1, "Adam", name, " must be in [0, 1). Received ", beta, '.');
}

// Keras's files hold momentum and velocity of each variable side by side, the maxima at the end.
void Adam::build_slots(const std::vector<Variable>& variables) const {
  for (const Variable& v : variables) slot(v, "momentum"), slot(v, "velocity");
  if (options_.amsgrad)
    for (const Variable& v : variables) slot(v, "velocity_hat");
}

void Adam::update_step(const Tensor& g, const Variable& w, const Tensor& rate, const UpdateContext& context) const {
  update_all({g}, {w}, rate, context);
}

void Adam::update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables, const Tensor& rate,
                      const UpdateContext& context) const {
  std::vector<std::vector<Variable>> slots;
  auto add = [&](const char* name) {
    slots.emplace_back();
    for (const Variable& v : variables) slots.back().push_back(slot(v, name));
  };
  add("momentum");
  add("velocity");
  if (options_.amsgrad) add("velocity_hat");
  detail::fused_step(ops::kAdamStep,
                     ops::AdamAttrs{static_cast<Dim>(variables.size()), options_.beta_1, options_.beta_2,
                                    options_.epsilon, options_.amsgrad, !context.gate().is_empty()},
                     variables, slots, gradients, rate, iteration(), context);
}

Config Adam::get_config() const { return detail::optimizer_config(*this, options_); }

}  // namespace kerata::optimizers
