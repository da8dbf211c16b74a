// Activation: base of what .activation takes. The functions themselves are in activations.h.
#pragma once

#include "kerata/core/any.h"
#include "kerata/core/registration.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

namespace activations {

/// A function of one tensor, elementwise or over the last axis.
class Activation {  // not in kerata itself: it would collide with layers::Activation
 public:
  virtual ~Activation() = default;
  virtual Tensor call(const Tensor& x) const = 0;
  /// The arguments; throws StateError for a class of the user's own that does not override it.
  virtual Config get_config() const;
  /// The name of a function of Keras ("relu"); Keras's form of an object or function for others.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Activation> from_name(const std::string& name);
  static std::shared_ptr<Activation> from_config(const Config& config);
  // For register_activation() and register_function():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Activation> make);
  static void add_function(const std::string& name, std::shared_ptr<Activation> function);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&>;
};

}  // namespace activations

namespace detail {
/// The name of a built-in activation, else as Keras writes a function.
Config activation_config(const std::string& name);
}  // namespace detail

template <class F>
class FromFunction<activations::Activation, F> final : public activations::Activation {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Tensor& x) const override { return function_(x); }
  Config to_config() const override { return detail::activation_config(detail::function_name(function_)); }

 private:
  F function_;
};
using AnyActivation = Any<activations::Activation>;
/// No activation is "linear" in Keras's configs.
Config config_of(const AnyActivation& value);

/// As register_initializer().
template <std::derived_from<activations::Activation> T>
void register_activation(const std::string& name) {
  activations::Activation::add_class(name, typeid(T), &detail::make_class<activations::Activation, T>);
}

}  // namespace kerata

#pragma GCC visibility pop
