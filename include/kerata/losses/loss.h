// Loss: base of what .loss takes. The losses themselves are in losses.h.
#pragma once

#include "kerata/core/any.h"
#include "kerata/core/choice.h"
#include "kerata/core/registration.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// How far a prediction is from its target. State-free; subclass it and override call().
class Loss {
 public:
  virtual ~Loss() = default;
  /// One value per sample (or per sample and step); y_true and y_pred (batch, ...) of one rank.
  virtual Tensor call(const Tensor& y_true, const Tensor& y_pred) const = 0;
  /// The values reduced, by default to their mean over all samples. sample_weight: empty, (batch) or as the values;
  /// a mask riding on y_pred leaves its positions out. A weighted loss is divided by the number of samples.
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const;

  /// As Keras names it: "mean_squared_error", or "function" for a callable without a name.
  const std::string& name() const { return name_; }
  Reduction reduction() const { return reduction_; }
  /// What the loss is computed in; "" is float32, or the predictions' type if that is float64.
  const std::string& dtype() const { return dtype_; }
  /// Whether integer targets are turned into the loss's type first (not so for class indices).
  virtual bool casts_targets() const { return true; }

  /// Throws for targets that are wrong whatever the predictions (..., classes) are; fit() asks before it starts.
  virtual void check_targets(const Tensor& /*y_true*/, const Shape& /*y_pred*/) const {}
  /// The arguments, as Keras's get_config(); throws StateError for a loss of the user's own without it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  /// Of a function object with fields(): those that differ from their defaults. A MeanMetricWrapper saves them.
  virtual Config function_arguments() const { return Config::Object{}; }
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Loss> from_name(const std::string& name);
  static std::shared_ptr<Loss> from_config(const Config& config);
  // For register_loss() and register_function():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Loss> make);
  static void add_function(const std::string& name, std::shared_ptr<Loss> function);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&, const Tensor&>;

 protected:
  Loss() = default;
  explicit Loss(std::string name, Choice<Reduction> reduction = "sum_over_batch_size", std::string dtype = {});

 private:
  std::string name_ = "loss";
  Reduction reduction_ = Reduction::sum_over_batch_size;
  std::string dtype_;
};
using AnyLoss = Any<Loss>;

/// As register_initializer(): register_loss<Pinball>("my_package>Pinball").
template <std::derived_from<Loss> T>
void register_loss(const std::string& name) {
  Loss::add_class(name, typeid(T), &detail::make_class<Loss, T>);
}

/// Keras also writes "none" as null, and Keras 2 wrote "auto" for what it did by default.
void read_config(const Config& from, Choice<Reduction>& to);

namespace detail {
/// Adds or takes a last axis of size 1 where the ranks differ by one, as Keras does.
void match_ranks(Tensor& y_true, Tensor& y_pred);

/// A function as a loss: its name as Keras gives it.
template <class F>
std::string loss_name(const F& function) {
  const std::string name = function_name(function);
  return name.empty() ? "function" : name.substr(name.rfind('>') + 1);
}
}  // namespace detail

template <class F>
class FromFunction<Loss, F> final : public Loss {
 public:
  explicit FromFunction(F function) : Loss(detail::loss_name(function)), function_(std::move(function)) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    Tensor truth = y_true, prediction = y_pred;
    detail::match_ranks(truth, prediction);
    return function_(truth, prediction);
  }
  void check_targets(const Tensor& y_true, const Shape& y_pred) const override {
    if constexpr (requires { function_.check_targets(y_true, y_pred); }) function_.check_targets(y_true, y_pred);
  }
  bool casts_targets() const override {
    return !requires { F::kClassIndices; };
  }
  Config to_config() const override { return detail::function_config(detail::function_name(function_), "loss"); }
  Config function_arguments() const override {
    if constexpr (HasFields<F>)
      return config_of(function_);
    else
      return Config::Object{};
  }

 private:
  F function_;
};

}  // namespace kerata

#pragma GCC visibility pop
