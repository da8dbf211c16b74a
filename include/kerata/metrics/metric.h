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

  /// {"class_name", "config"} or a function's name; throws StateError for a metric of the user's own without it.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Metric> from_name(const std::string& name);
  static std::shared_ptr<Metric> from_config(const Config& config);
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

 private:
  friend struct MetricAccess;
  struct State;
  std::shared_ptr<State> state_;
};
using AnyMetric = Any<Metric>;

namespace metrics {

using kerata::Metric;

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
  Config to_config() const override;

 protected:
  MeanMetricWrapper(const AnyLoss& fn, std::string name, std::string dtype);
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
};

}  // namespace kerata

#pragma GCC visibility pop
