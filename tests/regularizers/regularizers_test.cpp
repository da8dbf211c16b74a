#include "kerata/regularizers/regularizers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/scope.h"
#include "kerata/layers/activation.h"
#include "kerata/layers/dense.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "layers/layer_state.h"
#include "support/errors.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using namespace regularizers;

const Tensor& weight() {
  static const Tensor w = ops::array({{1.0, -2.0, 3.0}, {-0.5, 0.25, 4.0}}).cast("float64");
  return w;
}
constexpr double kAbsolutes = 1 + 2 + 3 + 0.5 + 0.25 + 4, kSquares = 1 + 4 + 9 + 0.25 + 0.0625 + 16;

TEST(Regularizers, AreSumsOverAllElements) {
  EXPECT_NEAR(L1(0.1).call(weight()).item(), 0.1 * kAbsolutes, 1e-12);
  EXPECT_NEAR(L2(0.1).call(weight()).item(), 0.1 * kSquares, 1e-12);
  EXPECT_NEAR(L1L2({.l1 = 0.3, .l2 = 0.2}).call(weight()).item(), 0.3 * kAbsolutes + 0.2 * kSquares, 1e-12);
  EXPECT_NEAR(L1L2({.l1 = 0.3}).call(weight()).item(), 0.3 * kAbsolutes, 1e-12);
  EXPECT_NEAR(L1L2({.l2 = 0.2}).call(weight()).item(), 0.2 * kSquares, 1e-12);
  EXPECT_EQ(L1L2().call(weight()).item(), 0);
  EXPECT_NEAR(l1_l2().call(weight()).item(), 0.01 * (kAbsolutes + kSquares), 1e-12);
  EXPECT_EQ(L2(0.1).call(weight()).rank(), 0);
}

// Two rows: the one pair's |cosine|, times factor. Three columns: the mean over three pairs.
TEST(Regularizers, OrthogonalIsTheMeanCosine) {
  const double norm0 = std::sqrt(14.0), norm1 = std::sqrt(0.25 + 0.0625 + 16);
  const double cosine = (-0.5 - 0.5 + 12) / (norm0 * norm1);
  EXPECT_NEAR(OrthogonalRegularizer({.factor = 0.5}).call(weight()).item(), 0.5 * cosine, 1e-9);
  auto column = [](double a, double b, double c, double d) {
    return std::abs(a * c + b * d) / (std::hypot(a, b) * std::hypot(c, d));
  };
  const double mean = (column(1, -0.5, -2, 0.25) + column(1, -0.5, 3, 4) + column(-2, 0.25, 3, 4)) / 3;
  EXPECT_NEAR(OrthogonalRegularizer({.factor = 0.5, .mode = "columns"}).call(weight()).item(), 0.5 * mean, 1e-9);
}

TEST(Regularizers, HaveGradients) {
  const std::vector<AnyRegularizer> all = {L1(0.3), L2(0.3), L1L2({.l1 = 0.1, .l2 = 0.4}), OrthogonalRegularizer(),
                                           OrthogonalRegularizer({.factor = 2, .mode = "columns"})};
  for (const AnyRegularizer& regularizer : all)
    test::expect_gradients([&](const std::vector<Tensor>& x) { return regularizer->call(x[0]); }, {weight()});
}

TEST(Regularizers, ComeBackFromTheirConfigs) {
  const std::vector<AnyRegularizer> all = {L1(0.3), L2(0.3), L1L2({.l1 = 0.1, .l2 = 0.4}),
                                           OrthogonalRegularizer({.factor = 2, .mode = "columns"})};
  for (const AnyRegularizer& regularizer : all) {
    const Config config = regularizer->to_config();
    const auto again = Regularizer::from_config(config);
    EXPECT_EQ(again->to_config(), config);
    EXPECT_FLOAT_EQ(again->call(weight()).item<float>(), regularizer->call(weight()).item<float>());
  }
  EXPECT_EQ(AnyRegularizer("l2")->to_config(), L2(0.01).to_config());
  EXPECT_EQ(AnyRegularizer("l1_l2")->to_config(), L1L2().to_config());
  for (const char* name : {"l1", "L1", "l2", "L2", "L1L2", "l1_l2", "OrthogonalRegularizer", "orthogonal_regularizer"})
    EXPECT_TRUE(AnyRegularizer(name)) << name;
}

TEST(Regularizers, SayWhatIsWrong) {
  EXPECT_ERROR(ValueError, L1(-1),
               "[regularizer] Invalid value for argument l1: expected a non-negative float. Received: l1=-1.");
  EXPECT_ERROR(ValueError, L2(INFINITY),
               "[regularizer] Invalid value for argument l2: expected a non-negative float. Received: l2=inf.");
  EXPECT_ERROR(
      ValueError, OrthogonalRegularizer({.factor = -0.5}),
      "[regularizer] Invalid value for argument factor: expected a non-negative float. Received: factor=-0.5.");
  EXPECT_ERROR(
      ShapeError, OrthogonalRegularizer().call(ops::ones({2, 2, 2})),
      "[OrthogonalRegularizer] Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=(2, 2, 2).");
  EXPECT_ERROR_WITH(ValueError, AnyRegularizer("l3"), "[regularizers] Unknown regularizer \"l3\".");
}

TEST(Regularizers, CanBeCallablesWithoutAConfig) {
  const layers::Dense dense(
      1, {.kernel_initializer = "ones", .kernel_regularizer = [](const Tensor& w) { return 2.0 * ops::sum(w); }});
  static_cast<void>(dense(ops::ones({1, 3})));
  const std::vector<Tensor> losses = regularization_losses(*dense.ptr());
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].item(), 6);
  EXPECT_ERROR(StateError, dense.get_config(),
               "[regularizer] A function without a name cannot be written to a config. Hint: make it known by "
               "register_function(\"package>name\", function).");
}

// Keras: frozen weights do not count; an activity is divided by the batch size.
TEST(Regularizers, OfLayersCountOnlyWhatTrains) {
  const layers::Dense dense(1, {.kernel_initializer = "ones", .kernel_regularizer = L2(1), .bias_regularizer = L1(1)});
  static_cast<void>(dense(ops::ones({1, 3})));
  EXPECT_EQ(regularization_losses(*dense.ptr()).size(), 2U);
  dense.set_trainable(false);
  EXPECT_TRUE(regularization_losses(*dense.ptr()).empty());
  Scope scope(Mode::eager, true);
  const layers::Dense active(2, {.kernel_initializer = "ones", .activity_regularizer = L1(1)});
  static_cast<void>(active(ops::ones({5, 3})));
  ASSERT_EQ(scope.losses().size(), 1U);
  EXPECT_NEAR(scope.losses()[0].item(), 5 * 2 * 3 / 5.0, 1e-6);
}

}  // namespace
}  // namespace kerata
