// Optimizer: base of what .optimizer takes.
#pragma once

#include <optional>

#include "kerata/core/any.h"
#include "kerata/graph/call_context.h"
#include "kerata/optimizers/schedule.h"

#pragma GCC visibility push(default)

namespace kerata {

/// What Keras 2 wrote as well.
inline constexpr KerasKey kOldOptimizerKeys[] = {{"jit_compile", KerasKey::ignored},
                                                 {"is_legacy_optimizer", KerasKey::ignored}};

/// What every optimizer can do beside its rule; none of it by default. Each field is one of Keras's arguments.
struct OptimizerSettings {
  std::optional<double> weight_decay = {};     // every step: w -= w * weight_decay * learning_rate
  std::optional<double> clipnorm = {};         // each gradient's norm at most this; only one of the three may be set
  std::optional<double> clipvalue = {};        // each element in [-clipvalue, clipvalue]
  std::optional<double> global_clipnorm = {};  // the norm over all gradients at most this
  bool use_ema = false;                        // keep an exponential moving average of the weights
  double ema_momentum = 0.99;                  // in [0, 1]
  std::optional<int> ema_overwrite_frequency =
      {};  // steps after which the weights become their average; none: after training
  std::optional<double> loss_scale_factor = {};  // the loss is multiplied, the gradients divided by it
  std::optional<int> gradient_accumulation_steps =
      {};  // at least 2: one update from the mean gradient of so many steps
  std::string name = {};
};

/// Handed to update_step(): writes the new values of variables and slots.
class UpdateContext {
 public:
  void update(const Variable& variable, const Tensor& value) const;
  /// A bool scalar: while it is false, variables keep their values. Empty: they always change.
  const Tensor& gate() const { return gate_; }

  explicit UpdateContext(Tensor gate = {}) : gate_(std::move(gate)) {}  // for the library's own code

 private:
  Tensor gate_;
};

/// Changes variables by their gradients. Copies share one state (slots, step, rate), which lies in Variables: setting
/// the rate after compile works. Subclass it and override update_step() in terms of ops.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// At the present step.
  virtual double learning_rate() const;
  /// Throws StateError when the optimizer was made with a schedule and `rate` is a number, as Keras does.
  virtual void set_learning_rate(const LearningRate& rate);
  /// Updates done so far (with gradient accumulation: fewer than steps).
  virtual std::int64_t iterations() const;
  /// One step. gradients: one per variable, of its shape; an empty tensor: that variable stays. Throws ValueError when
  /// the counts differ or a variable was not there at the first call.
  virtual void apply(const Tensors& gradients, const std::vector<Variable>& variables);
  /// Makes the slots; apply() does it at its first call.
  virtual void build(const std::vector<Variable>& variables);
  /// Iteration, learning rate, then the slots, in Keras's order.
  virtual std::vector<Variable> variables() const;
  std::string name() const;
  const OptimizerSettings& settings() const;
  /// loss * loss_scale_factor, to be done before gradients().
  virtual Tensor scale_loss(const Tensor& loss) const;
  /// With use_ema: the variables become their averages (fit does it at its end).
  virtual void finalize_variable_values(const std::vector<Variable>& variables);

  /// The arguments, as Keras's get_config(), with the rate of now; throws StateError for an optimizer of the user's own
  /// without it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Optimizer> from_name(const std::string& name);
  static std::shared_ptr<Optimizer> from_config(const Config& config);
  // For register_optimizer():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Optimizer> make);
  template <class F>
  static constexpr bool accepts = false;

 protected:
  /// Throws ValueError for settings out of range.
  explicit Optimizer(const LearningRate& learning_rate, const OptimizerSettings& settings = {});
  /// State of one variable, zero at first: made in build_slots(), or at the first use.
  Variable slot(const Variable& variable, const std::string& name) const;
  /// Makes the slots in the order in which files hold them.
  virtual void build_slots(const std::vector<Variable>& /*variables*/) const {}
  /// The rule for one variable: context.update(variable, variable - learning_rate * gradient) is plain descent.
  virtual void update_step(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate,
                           const UpdateContext& context) const = 0;
  /// All variables at once, all of one dtype; by default update_step() for each.
  virtual void update_all(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables,
                          const Tensor& learning_rate, const UpdateContext& context) const;
  /// Steps done before this one (int64 scalar), as the running step sees it.
  Tensor iteration() const;

 private:
  friend struct OptimizerAccess;
  struct State;
  std::shared_ptr<State> state_;
};
using AnyOptimizer = Any<Optimizer>;

/// As register_initializer(): register_optimizer<SignDescent>("my_package>SignDescent").
template <std::derived_from<Optimizer> T>
void register_optimizer(const std::string& name) {
  Optimizer::add_class(name, typeid(T), &detail::make_class<Optimizer, T>);
}

}  // namespace kerata

#pragma GCC visibility pop
