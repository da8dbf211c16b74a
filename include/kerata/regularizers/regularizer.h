// Regularizer: base of its family.
#pragma once

#include "kerata/core/any.h"
#include "kerata/core/registration.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// A scalar penalty on a weight or an output, added to the loss.
class Regularizer {
 public:
  virtual ~Regularizer() = default;
  virtual Tensor call(const Tensor& weight) const = 0;
  /// The arguments, as Keras's get_config(); throws StateError for a class of the user's own that does not override it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Regularizer> from_name(const std::string& name);
  /// A name, or to_config()'s form in the spelling of Keras 2 or 3.
  static std::shared_ptr<Regularizer> from_config(const Config& config);
  // For register_regularizer() and register_function():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Regularizer> make);
  static void add_function(const std::string& name, std::shared_ptr<Regularizer> function);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&>;
};

template <class F>
class FromFunction<Regularizer, F> final : public Regularizer {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Tensor& weight) const override { return function_(weight); }
  Config to_config() const override { return detail::function_config(detail::function_name(function_), "regularizer"); }

 private:
  F function_;
};
using AnyRegularizer = Any<Regularizer>;

/// Makes configs and files know a class of the user's own: register_regularizer<Mine>("my_package>Mine"). It overrides
/// get_config() and has a constructor from its Options (with fields()), from a const Config&, or without arguments.
template <std::derived_from<Regularizer> T>
void register_regularizer(const std::string& name) {
  Regularizer::add_class(name, typeid(T), &detail::make_class<Regularizer, T>);
}

}  // namespace kerata

#pragma GCC visibility pop
