// Initializer: base of its family.
#pragma once

#include "kerata/core/any.h"
#include "kerata/core/registration.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Makes the first value of a weight.
class Initializer {
 public:
  virtual ~Initializer() = default;
  virtual Tensor call(const Shape& shape, DType dtype) const = 0;
  /// The arguments, as Keras's get_config(); throws StateError for a class of the user's own that does not override it.
  virtual Config get_config() const;
  /// Keras's form: {"module", "class_name", "config", "registered_name"}.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Initializer> from_name(const std::string& name);
  /// A name, or to_config()'s form in the spelling of Keras 2 or 3.
  static std::shared_ptr<Initializer> from_config(const Config& config);
  // For register_initializer() and register_function():
  static void add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Initializer> make);
  static void add_function(const std::string& name, std::shared_ptr<Initializer> function);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Shape&, DType>;
};

template <class F>
class FromFunction<Initializer, F> final : public Initializer {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Shape& shape, DType dtype) const override { return function_(shape, dtype); }
  Config to_config() const override { return detail::function_config(detail::function_name(function_), "initializer"); }

 private:
  F function_;
};
using AnyInitializer = Any<Initializer>;

/// Makes configs and files know a class of the user's own: register_initializer<Mine>("my_package>Mine"). It overrides
/// get_config() and has a constructor from its Options (with fields()), from a const Config&, or without arguments.
template <std::derived_from<Initializer> T>
void register_initializer(const std::string& name) {
  Initializer::add_class(name, typeid(T), &detail::make_class<Initializer, T>);
}

}  // namespace kerata

#pragma GCC visibility pop
