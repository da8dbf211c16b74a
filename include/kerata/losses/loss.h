// Loss: base of what .loss takes. The losses themselves are in losses.h.
#pragma once

#include "kerata/core/any.h"
#include "kerata/core/choice.h"
#include "kerata/core/fields.h"
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
  /// {"class_name", "config"}, or a function's name; throws StateError for a loss of the user's own without it.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Loss> from_name(const std::string& name);
  static std::shared_ptr<Loss> from_config(const Config& config);
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

/// Keras writes "none" as null.
inline void read_config(const Config& from, Choice<Reduction>& to) {
  to = from.is_null() ? Choice<Reduction>("none") : Choice<Reduction>::parse(from.as_text());
}

namespace detail {
/// Adds or takes a last axis of size 1 where the ranks differ by one, as Keras does.
void match_ranks(Tensor& y_true, Tensor& y_pred);

/// The name of a function object, or "function".
template <class F>
std::string function_name() {
  if constexpr (requires { F::kName; })
    return F::kName;
  else
    return "function";
}
}  // namespace detail

template <class F>
class FromFunction<Loss, F> final : public Loss {
 public:
  explicit FromFunction(F function) : Loss(detail::function_name<F>()), function_(std::move(function)) {}
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
  Config to_config() const override {
    if constexpr (requires { F::kName; })
      return Config(F::kName);
    else
      return Loss::to_config();
  }

 private:
  F function_;
};

}  // namespace kerata

#pragma GCC visibility pop
