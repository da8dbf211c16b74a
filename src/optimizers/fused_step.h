// What the built-in optimizers share.
#pragma once

#include "graph/op_def.h"
#include "kerata/core/fields.h"
#include "kerata/optimizers/optimizer.h"

namespace kerata::detail {

/// Applies an op of ops/optimizer_ops.h and writes its results; `attrs` are gated where the context has a gate. slots:
/// by kind, each one per variable.
void fused_step(const OpDef& op, Attrs attrs, const std::vector<Variable>& variables,
                const std::vector<std::vector<Variable>>& slots, const std::vector<Tensor>& gradients,
                const Tensor& learning_rate, const Tensor& step, const UpdateContext& context);

/// The settings within an optimizer's Options.
template <class Options>
OptimizerSettings settings_of(const Options& o, const char* default_name) {
  return {o.weight_decay,
          o.clipnorm,
          o.clipvalue,
          o.global_clipnorm,
          o.use_ema,
          o.ema_momentum,
          o.ema_overwrite_frequency,
          o.loss_scale_factor,
          o.gradient_accumulation_steps,
          o.name.empty() ? std::string(default_name) : o.name};
}
template <class Options>
LearningRate rate_of(const Options& o) {
  return o.lr != 0 ? LearningRate(o.lr) : o.learning_rate;
}

/// The Options with the rate of now, and without a loss_scale_factor that a LossScaleOptimizer has switched off.
template <class Options>
Config optimizer_config(const Optimizer& optimizer, Options options) {
  if (!options.learning_rate.schedule() || options.lr != 0) options.learning_rate = optimizer.learning_rate();
  options.name = optimizer.name();
  options.loss_scale_factor = optimizer.settings().loss_scale_factor;
  return config_of(options);
}

}  // namespace kerata::detail
