// LossScaleOptimizer: keeps float16 gradients from vanishing.
#pragma once

#include "kerata/optimizers/optimizer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace optimizers {

/// Another optimizer, with a loss that is multiplied by a scale (and gradients that are divided by it), so that small
/// gradients do not become zero in float16. A step whose gradients are not all finite changes nothing and halves the
/// scale; after `dynamic_growth_steps` steps without one it doubles. compile() wraps the optimizer of a model with the
/// policy "mixed_float16" by itself (CompileOptions::auto_scale_loss).
///
///     optimizers::LossScaleOptimizer optimizer(optimizers::Adam(1e-3), {.initial_scale = 1024});
///
/// The inner optimizer's own loss_scale_factor is switched off. Throws ValueError for options out of range, or when the
/// inner optimizer is one of this class. Source: keras.optimizers.LossScaleOptimizer; Micikevicius et al., "Mixed
/// Precision Training", 2018.
class LossScaleOptimizer : public Optimizer {
 public:
  struct Options {
    double initial_scale = 32768;     // positive; rather too high: it falls faster than it grows
    int dynamic_growth_steps = 2000;  // at least 1
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("initial_scale", &Options::initial_scale),
                        field("dynamic_growth_steps", &Options::dynamic_growth_steps), field("name", &Options::name)};
    }
  };
  explicit LossScaleOptimizer(const AnyOptimizer& inner_optimizer);
  LossScaleOptimizer(const AnyOptimizer& inner_optimizer, const Options& options);

  const AnyOptimizer& inner_optimizer() const { return inner_; }
  /// What the loss is multiplied with now.
  double dynamic_scale() const;
  /// Steps since the scale changed.
  std::int64_t step_counter() const;

  double learning_rate() const override;
  void set_learning_rate(const LearningRate& rate) override;
  /// Of the inner optimizer: steps that were skipped do not count.
  std::int64_t iterations() const override;
  void apply(const Tensors& gradients, const std::vector<Variable>& variables) override;
  void build(const std::vector<Variable>& variables) override;
  /// iteration and learning_rate (both unused), step_counter, dynamic_scale, then the inner optimizer's.
  std::vector<Variable> variables() const override;
  Tensor scale_loss(const Tensor& loss) const override;
  void finalize_variable_values(const std::vector<Variable>& variables) override;
  Config get_config() const override;

 protected:
  /// Throws StateError: the inner optimizer has the rule.
  void update_step(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate,
                   const UpdateContext& context) const override;

 private:
  AnyOptimizer inner_;
  Options options_;
};

}  // namespace optimizers
}  // namespace kerata

#pragma GCC visibility pop
