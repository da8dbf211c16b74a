// Metric: base of what .metrics takes. The metrics themselves are in metrics.h.
#pragma once

#include "kerata/core/any.h"
#include "kerata/graph/call_context.h"
#include "kerata/losses/loss.h"

#pragma GCC visibility push(default)

namespace kerata {

/// A figure gathered over many batches. Its state lies in Variables: copies share it, and in fit() it is updated inside
/// the compiled step. Subclass it: add_variable() in the constructor, update() and compute() in terms of ops.
class Metric {
 public:
  virtual ~Metric() = default;
  /// Takes one batch in. sample_weight: empty, (batch) or as the values. For loops by hand.
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {});
  /// The figure so far.
  double result() const;
  /// Back to the state before the first update.
  void reset_state();
  std::string name() const;
  std::vector<Variable> variables() const;

  /// The arguments, as Keras's get_config(); throws StateError for a metric of the user's own without it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Metric> from_name(const std::string& name);
  static std::shared_ptr<Metric> from_config(const Config& config);
  // For register_metric() and register_function():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Metric> make);
  static void add_function(const std::string& name, const AnyLoss& function);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&, const Tensor&>;

 protected:
  explicit Metric(std::string name, std::string dtype = {});
  /// State of this shape, zero at first and after reset_state().
  Variable add_variable(const std::string& name, const Shape& shape);
  /// Writes new values with context.update(); sample_weight is empty when none is given.
  virtual void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                      const CallContext& context) const = 0;
  /// The figure, a scalar, from the state.
  virtual Tensor compute() const = 0;
  /// The type of the state; float32 unless said otherwise.
  DType dtype() const;
  /// {"name", "dtype"}: what the config of every metric begins with.
  Config name_and_dtype() const;
  /// Whether a larger figure is better, for callbacks with mode "auto"; they cannot tell unless it is said.
  void set_larger_is_better(bool larger);

 private:
  friend struct MetricAccess;
  struct State;
  std::shared_ptr<State> state_;
};
using AnyMetric = Any<Metric>;

/// As register_initializer(): register_metric<Worst>("my_package>Worst").
template <std::derived_from<Metric> T>
void register_metric(const std::string& name) {
  Metric::add_class(name, typeid(T), &detail::make_class<Metric, T>);
}

namespace metrics {

using kerata::Metric;

/// Keras 2 wrote the function's name for every metric that is one.
inline constexpr KerasKey kOldKeys[] = {{"fn", KerasKey::ignored}};

/// The weighted mean of a function of (y_true, y_pred) over all samples.
class MeanMetricWrapper : public Metric {
 public:
  struct Options {
    std::string name = {};  // default: the function's name
    std::string dtype = {};
  };
  explicit MeanMetricWrapper(const AnyLoss& fn);
  MeanMetricWrapper(const AnyLoss& fn, const Options& options);
  MeanMetricWrapper(std::string name, const AnyLoss& fn);
  Config get_config() const override;

 protected:
  MeanMetricWrapper(const AnyLoss& fn, std::string name, std::string dtype);
  /// Keras's form of the function alone; of the wrapper where the function has arguments, which only that can hold.
  Config function_or_wrapper_config() const;
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  AnyLoss function_;
  Variable total_, count_;
};

}  // namespace metrics

template <class F>
class FromFunction<Metric, F> final : public metrics::MeanMetricWrapper {
 public:
  explicit FromFunction(F function) : MeanMetricWrapper(AnyLoss(std::move(function))) {}
  Config to_config() const override { return function_or_wrapper_config(); }
};

}  // namespace kerata

#pragma GCC visibility pop
