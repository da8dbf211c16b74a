// Constraint: base of its family.
#pragma once

#include "kerata/core/any.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Maps a weight to an allowed one after each update.
class Constraint {
 public:
  virtual ~Constraint() = default;
  virtual Tensor call(const Tensor& weight) const = 0;
  /// {"class_name", "config"}; throws StateError for a class or callable of the user's own that does not override it.
  virtual Config to_config() const;
  /// Throws ValueError for an unknown name, with the nearest known one.
  static std::shared_ptr<Constraint> from_name(const std::string& name);
  /// A name or {"class_name", "config"}.
  static std::shared_ptr<Constraint> from_config(const Config& config);
  template <class F>
  static constexpr bool accepts = std::is_invocable_r_v<Tensor, F, const Tensor&>;
};

template <class F>
class FromFunction<Constraint, F> final : public Constraint {
 public:
  explicit FromFunction(F function) : function_(std::move(function)) {}
  Tensor call(const Tensor& weight) const override { return function_(weight); }

 private:
  F function_;
};
using AnyConstraint = Any<Constraint>;

}  // namespace kerata

#pragma GCC visibility pop
