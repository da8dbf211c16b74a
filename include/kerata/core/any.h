// Any<Base>: "a name, an object or a callable" as one argument type; PerOutput: one, a list, or by name.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kerata/core/config.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Specialised for each Base that callables may stand for.
template <class Base, class F>
class FromFunction;

/// What an option like .loss or .activation takes: a name ("mse"), an object of a class derived from Base (copied
/// in), or a callable that Base accepts. Empty means none. Unknown names throw ValueError with the nearest known one.
///
/// Base provides: static std::shared_ptr<Base> from_name(const std::string&), and static
/// std::shared_ptr<Base> from_config(const Config&) (a name, or to_config()'s form), virtual Config to_config().
template <class Base>
class Any {
 public:
  Any() = default;
  Any(const char* name) : object_(Base::from_name(name)), name_(name) {}
  Any(const std::string& name) : object_(Base::from_name(name)), name_(name) {}
  Any(std::nullptr_t) = delete;  // and so .loss = 0 is ambiguous, not a null pointer
  template <std::derived_from<Base> T>
  Any(T object) : object_(std::make_shared<T>(std::move(object))) {}
  template <class F>
  requires(!std::derived_from<F, Base> && Base::template accepts<F>) Any(F function)
      : object_(std::make_shared<FromFunction<Base, F>>(std::move(function))) {}
  explicit Any(std::shared_ptr<Base> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  Base* operator->() const { return object_.get(); }
  Base& operator*() const { return *object_; }
  const std::shared_ptr<Base>& object() const { return object_; }
  /// The name it was given by, "" for objects and callables.
  const std::string& given_name() const { return name_; }

 private:
  std::shared_ptr<Base> object_;
  std::string name_;
};

/// One value for all outputs, a list in output order, or a list by output name.
template <class T>
class PerOutput {
 public:
  PerOutput() = default;
  template <class U>
  requires(std::convertible_to<U&&, T> && !std::same_as<std::remove_cvref_t<U>, PerOutput>) PerOutput(U&& one)
      : values_{T(std::forward<U>(one))}, is_list_(false) {}
  PerOutput(std::initializer_list<T> list) : values_(list) {}
  PerOutput(std::vector<T> list) : values_(std::move(list)) {}
  PerOutput(std::initializer_list<std::pair<std::string, T>> by_name) {
    for (const auto& [name, value] : by_name) names_.push_back(name), values_.push_back(value);
  }
  static PerOutput by_name(const std::vector<std::pair<std::string, T>>& by_name) {
    PerOutput result;
    for (const auto& [name, value] : by_name) result.names_.push_back(name), result.values_.push_back(value);
    return result;
  }
  bool empty() const { return values_.empty(); }
  bool is_single() const { return !is_list_; }  // given without braces
  const std::vector<T>& values() const { return values_; }
  const std::vector<std::string>& names() const { return names_; }  // empty unless given by name

 private:
  std::vector<T> values_;
  std::vector<std::string> names_;
  bool is_list_ = true;
};

}  // namespace kerata

#pragma GCC visibility pop
