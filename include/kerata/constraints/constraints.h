// The constraints. https://keras.io/api/layers/constraints
#pragma once

#include "kerata/constraints/constraint.h"
#include "kerata/core/axes.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace constraints {

/// Scales weights down to a norm of at most max_value along `axis`.
class MaxNorm final : public Constraint {
 public:
  explicit MaxNorm(double max_value = 2, const Axes& axis = 0) : max_value_(max_value), axis_(axis) {}
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  double max_value_;
  Axes axis_;
};
/// Negative weights become 0.
class NonNeg final : public Constraint {
 public:
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;
};
/// Scales weights to norm 1 along `axis`.
class UnitNorm final : public Constraint {
 public:
  explicit UnitNorm(const Axes& axis = 0) : axis_(axis) {}
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  Axes axis_;
};
/// Moves the norm along `axis` into [min_value, max_value], by `rate` of the way.
class MinMaxNorm final : public Constraint {
 public:
  struct Options {
    double min_value = 0;
    double max_value = 1;
    double rate = 1;
    Axes axis = 0;
    static constexpr auto fields() {
      return std::tuple{field("min_value", &Options::min_value), field("max_value", &Options::max_value),
                        field("rate", &Options::rate), field("axis", &Options::axis)};
    }
  };
  MinMaxNorm() : MinMaxNorm(Options{}) {}
  explicit MinMaxNorm(const Options& options) : options_(options) {}
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  Options options_;
};

}  // namespace constraints
}  // namespace kerata

#pragma GCC visibility pop
