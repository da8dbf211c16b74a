#include "kerata/constraints/constraints.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kerata/layers/dense.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "layers/layer_state.h"
#include "support/errors.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using namespace constraints;

// Columns of norm 5, 1 and 0.
const Tensor& weight() {
  static const Tensor w = ops::array({{3.0, -0.6, 0.0}, {-4.0, 0.8, 0.0}}).cast("float64");
  return w;
}

std::vector<double> norms(const Tensor& x, bool by_row = false) {
  const std::vector<double> v = x.to_vector<double>();
  if (by_row) return {std::hypot(v[0], v[1], v[2]), std::hypot(v[3], v[4], v[5])};
  return {std::hypot(v[0], v[3]), std::hypot(v[1], v[4]), std::hypot(v[2], v[5])};
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  golden::expect_near_all(actual, expected, {0, 1e-6});  // Keras adds 1e-7 to the norms
}

TEST(Constraints, MaxNormShortensWhatIsTooLong) {
  expect_near(norms(MaxNorm(2).call(weight())), {2, 1, 0});
  expect_near(norms(MaxNorm().call(weight())), {2, 1, 0});
  expect_near(MaxNorm(2).call(weight()).to_vector<double>(), {1.2, -0.6, 0, -1.6, 0.8, 0});  // the direction stays
  const double first = std::hypot(3, 0.6), second = std::hypot(4, 0.8);
  expect_near(norms(MaxNorm(3.5, 1).call(weight()), true), {first, 3.5});
  const double all = std::hypot(first, second);
  const Tensor whole = MaxNorm(1, {0, 1}).call(weight());
  golden::expect_near_all(whole, ops::divide(weight(), all), {0, 1e-6});
}

TEST(Constraints, UnitNormScalesToOne) {
  expect_near(norms(UnitNorm().call(weight())), {1, 1, 0});
  expect_near(norms(UnitNorm(1).call(weight()), true), {1, 1});
}

TEST(Constraints, NonNegCutsAtZero) { expect_near(NonNeg().call(weight()).to_vector<double>(), {3, 0, 0, 0, 0.8, 0}); }

TEST(Constraints, MinMaxNormGoesPartOfTheWay) {
  expect_near(norms(MinMaxNorm().call(weight())), {1, 1, 0});
  expect_near(norms(MinMaxNorm({.min_value = 2, .max_value = 3}).call(weight())), {3, 2, 0});
  expect_near(norms(MinMaxNorm({.min_value = 2, .max_value = 3, .rate = 0.5}).call(weight())), {4, 1.5, 0});
  expect_near(norms(MinMaxNorm({.min_value = 0, .max_value = 2, .axis = 1}).call(weight()), true), {2, 2});
}

TEST(Constraints, HaveGradients) {
  const Tensor w = ops::array({{3.0, -0.6}, {-4.0, 0.8}}).cast("float64");
  const std::vector<AnyConstraint> all = {MaxNorm(2), UnitNorm(), NonNeg(),
                                          MinMaxNorm({.min_value = 2, .max_value = 3})};
  for (const AnyConstraint& constraint : all)
    test::expect_gradients([&](const std::vector<Tensor>& x) { return constraint->call(x[0]); }, {w});
}

TEST(Constraints, ComeBackFromTheirConfigs) {
  const std::vector<AnyConstraint> all = {MaxNorm(3, 1), MaxNorm(2, {0, 1}), UnitNorm(1), NonNeg(),
                                          MinMaxNorm({.min_value = 0.5, .max_value = 3, .rate = 0.7, .axis = 1})};
  for (const AnyConstraint& constraint : all) {
    const Config config = constraint->to_config();
    const auto again = Constraint::from_config(config);
    EXPECT_EQ(again->to_config(), config);
    EXPECT_EQ(again->call(weight()).to_vector<double>(), constraint->call(weight()).to_vector<double>());
  }
  for (const char* name :
       {"MaxNorm", "max_norm", "NonNeg", "non_neg", "UnitNorm", "unit_norm", "MinMaxNorm", "min_max_norm"})
    EXPECT_TRUE(AnyConstraint(name)) << name;
  EXPECT_ERROR_WITH(ValueError, AnyConstraint("maxnorm"), "[constraints] Unknown constraint \"maxnorm\".");
}

TEST(Constraints, OfALayerAreListedWithTheirWeights) {
  const layers::Dense dense(2, {.kernel_constraint = MaxNorm(1), .bias_constraint = "non_neg"});
  static_cast<void>(dense(ops::ones({1, 3})));
  const auto found = weight_constraints(*dense.ptr());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].first.name(), "kernel");
  EXPECT_EQ(found[1].first.name(), "bias");
  const AnyConstraint own = [](const Tensor& w) { return ops::minimum(w, 1); };
  expect_near(own->call(weight()).to_vector<double>(), {1, -0.6, 0, -4, 0.8, 0});
  EXPECT_ERROR(StateError, own->to_config(),
               "[constraint] A function without a name cannot be written to a config. Hint: make it known by "
               "register_function(\"package>name\", function).");
}

}  // namespace
}  // namespace kerata
