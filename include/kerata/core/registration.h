// How classes and functions of the user's own become known to configs; the register_...() are beside the base classes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include "kerata/core/fields.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace detail {

template <class Base>
using MakeClass = std::shared_ptr<Base> (*)(const Config& config, std::string_view class_name);

/// From what get_config() gave: by a constructor from Options with fields(), from a Config, or without arguments.
template <class Base, class T>
std::shared_ptr<Base> make_class(const Config& config, std::string_view class_name) {
  if constexpr (requires { requires HasFields<typename T::Options>; }) {
    return std::make_shared<T>(read_fields<typename T::Options>(config, class_name));
  } else if constexpr (std::is_constructible_v<T, const Config&>) {
    return std::make_shared<T>(config);
  } else {
    static_assert(
        std::is_default_constructible_v<T>,
        "A class that configs make needs a constructor from its Options (with fields()), from a const Config& "
        "(what its get_config() gave), or without arguments.");
    check_keys(config, class_name, {}, {});
    return std::make_shared<T>();
  }
}

/// A function by the name it was registered under, or "". Function pointers differ by `address`, others by type alone.
std::string registered_function(const std::type_info& type, const void* address);
void remember_function(const std::string& name, const std::type_info& type, const void* address);

template <class F>
const void* address_of(const F& function) {
  if constexpr (std::is_pointer_v<F>)
    return reinterpret_cast<const void*>(function);
  else
    return nullptr;
}
/// The name of a function object: its kName, or the one it was registered under, or "".
template <class F>
std::string function_name(const F& function) {
  if constexpr (requires { F::kName; })
    return F::kName;
  else
    return registered_function(typeid(F), address_of(function));
}

/// As Keras writes a function. Throws StateError when it has no name; `what`: "initializer".
Config function_config(const std::string& name, const char* what);

}  // namespace detail
}  // namespace kerata

#pragma GCC visibility pop
