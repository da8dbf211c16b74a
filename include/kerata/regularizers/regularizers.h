// The regularizers. https://keras.io/api/layers/regularizers
#pragma once

#include "kerata/core/choice.h"
#include "kerata/regularizers/regularizer.h"

#pragma GCC visibility push(default)

namespace kerata {

enum class OrthogonalMode { rows, columns };
template <>
struct ChoiceNames<OrthogonalMode> {
  static constexpr std::string_view list[] = {"rows", "columns"};
};

namespace regularizers {

/// l1 * sum(|w|) + l2 * sum(w^2). Throws ValueError for a negative factor.
class L1L2 final : public Regularizer {
 public:
  struct Options {
    double l1 = 0;
    double l2 = 0;
    static constexpr auto fields() { return std::tuple{field("l1", &Options::l1), field("l2", &Options::l2)}; }
  };
  L1L2() : L1L2(Options{}) {}
  explicit L1L2(const Options& options);
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  Options options_;
};
/// l1 * sum(|w|).
class L1 final : public Regularizer {
 public:
  explicit L1(double l1 = 0.01);
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  double l1_;
};
/// l2 * sum(w^2).
class L2 final : public Regularizer {
 public:
  explicit L2(double l2 = 0.01);
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  double l2_;
};
/// factor times the mean of |cosine| over all pairs of rows (or columns) of a matrix.
class OrthogonalRegularizer final : public Regularizer {
 public:
  struct Options {
    double factor = 0.01;
    Choice<OrthogonalMode> mode = "rows";
    static constexpr auto fields() {
      return std::tuple{field("factor", &Options::factor), field("mode", &Options::mode)};
    }
  };
  OrthogonalRegularizer() : OrthogonalRegularizer(Options{}) {}
  explicit OrthogonalRegularizer(const Options& options);
  Tensor call(const Tensor& weight) const override;
  Config get_config() const override;

 private:
  Options options_;
};

inline L1 l1(double factor = 0.01) { return L1(factor); }
inline L2 l2(double factor = 0.01) { return L2(factor); }
inline L1L2 l1_l2(double l1 = 0.01, double l2 = 0.01) { return L1L2(L1L2::Options{l1, l2}); }

}  // namespace regularizers
}  // namespace kerata

#pragma GCC visibility pop
