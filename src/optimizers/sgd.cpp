#include "kerata/optimizers/sgd.h"

#include "core/require.h"
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
  update_all({g}, {w}, rate, context);
}

void SGD::update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables, const Tensor& rate,
                     const UpdateContext& context) const {
  std::vector<std::vector<Variable>> slots(options_.momentum == 0 ? 0 : 1);
  if (!slots.empty())
    for (const Variable& v : variables) slots[0].push_back(slot(v, "momentum"));
  const bool gated = !context.gate().is_empty();
  detail::fused_step(ops::kSgdStep,
                     ops::SgdAttrs{static_cast<Dim>(variables.size()), options_.momentum, options_.nesterov, gated},
                     variables, slots, gradients, rate, iteration(), context);
}

Config SGD::get_config() const { return detail::optimizer_config(*this, options_); }

}  // namespace kerata::optimizers
