#include "kerata/optimizers/sgd.h"

#include "core/require.h"
#include "kerata/ops/math.h"
#include "ops/optimizer_ops.h"
#include "optimizers/fused_step.h"

namespace kerata::optimizers {

SGD::SGD() : SGD(Options{}) {}
SGD::SGD(const LearningRate& learning_rate) : SGD(Options{.learning_rate = learning_rate}) {}
SGD::SGD(const Options& options)
    : Optimizer(detail::rate_of(options), detail::settings_of(options, "sgd")), options_(options) {
  require<ValueError>(options.momentum >= 0 && options.momentum <= 1, "SGD", "momentum must be in [0, 1]. Received ",
                      options.momentum, '.');
}

void SGD::build_slots(const std::vector<Variable>& variables) const {
  if (options_.momentum == 0) return;
  for (const Variable& v : variables) slot(v, "momentum");
}

void SGD::update_step(const Tensor& g, const Variable& w, const Tensor& rate, const UpdateContext& context) const {
  if (options_.momentum == 0) return context.update(w, w - g * rate);
  const Variable slot_m = slot(w, "momentum");
  const Tensor m = slot_m * options_.momentum - g * rate;
  context.update(slot_m, m);
  context.update(w, w + (options_.nesterov ? m * options_.momentum - g * rate : m));
}

void SGD::update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables, const Tensor& rate,
                     const UpdateContext& context) const {
  if (context.is_gated()) return Optimizer::update_all(gradients, variables, rate, context);
  std::vector<std::vector<Variable>> slots(options_.momentum == 0 ? 0 : 1);
  if (!slots.empty())
    for (const Variable& v : variables) slots[0].push_back(slot(v, "momentum"));
  detail::fused_step(ops::kSgdStep,
                     ops::SgdAttrs{static_cast<Dim>(variables.size()), options_.momentum, options_.nesterov}, variables,
                     slots, gradients, rate, iteration(), context);
}

Config SGD::get_config() const { return detail::optimizer_config(*this, options_); }

}  // namespace kerata::optimizers
