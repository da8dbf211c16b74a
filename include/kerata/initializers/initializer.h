// Initializer: base of its family.
#pragma once

#include "kerata/core/any.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Makes the first value of a weight.
class Initializer {
 public:
  virtual ~Initializer() = default;
  virtual Tensor call(const Shape& shape, DType dtype) const = 0;
  /// {"class_name", "config"}; throws StateError for a class or callable of the user's own that does not override it.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Initializer> from_name(const std::string& name);
  /// A name or {"class_name", "config"}.
  static std::shared_ptr<Initializer> from_config(const Config& config);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Shape&, DType>;
};

template <class F>
class FromFunction<Initializer, F> final : public Initializer {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Shape& shape, DType dtype) const override { return function_(shape, dtype); }

 private:
  F function_;
};
using AnyInitializer = Any<Initializer>;

}  // namespace kerata

#pragma GCC visibility pop
