// Activation: base of what .activation takes. The functions themselves are in activations.h.
#pragma once

#include "kerata/core/any.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

namespace activations {

/// A function of one tensor, elementwise or over the last axis.
class Activation {  // not in kerata itself: it would collide with layers::Activation
 public:
  virtual ~Activation() = default;
  virtual Tensor call(const Tensor& x) const = 0;
  /// The name that configs hold ("relu"); throws StateError for a callable without a name.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Activation> from_name(const std::string& name);
  static std::shared_ptr<Activation> from_config(const Config& config);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&>;
};

}  // namespace activations

template <class F>
class FromFunction<activations::Activation, F> final : public activations::Activation {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Tensor& x) const override { return function_(x); }
  Config to_config() const override {
    if constexpr (requires { F::kName; }) return Config(F::kName);
    else return Activation::to_config();
  }

 private:
  F function_;
};
using AnyActivation = Any<activations::Activation>;

}  // namespace kerata

#pragma GCC visibility pop
