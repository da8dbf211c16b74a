#include "kerata/graph/gradients.h"

#include <gtest/gtest.h>

#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "support/errors.h"

namespace kerata {
namespace {

Tensor f64(const Values& values) { return ops::array(values).cast("float64"); }

TEST(Gradients, OfATensorUsedTwiceAddUp) {
  const GradientTape tape;
  const Tensor x = f64({2.0, 3.0});
  const Tensor loss = ops::sum(x * x + x);
  EXPECT_EQ(gradients(loss, x).single().to_vector<double>(), (std::vector<double>{5, 7}));
}

TEST(Gradients, OfBroadcastInputsAreSummedToTheirShape) {
  const GradientTape tape;
  const Tensor a = f64({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}), b = f64({10.0, 20.0, 30.0}), c = f64({{2.0}, {3.0}});
  const auto [ga, gb, gc] = gradients(ops::sum(a * b * c), {a, b, c}).unpack<3>();
  EXPECT_EQ(ga.to_vector<double>(), (std::vector<double>{20, 40, 60, 30, 60, 90}));
  EXPECT_EQ(gb.to_vector<double>(), (std::vector<double>{14, 19, 24}));
  EXPECT_EQ(gc.shape(), (Shape{2, 1}));
  EXPECT_EQ(gc.to_vector<double>(), (std::vector<double>{140, 320}));
}

TEST(Gradients, OfSecondAndThirdOrder) {
  const GradientTape tape;
  const Tensor x = f64({2.0});
  const Tensor first = gradients(ops::sum(x * x * x), x).single();
  const Tensor second = gradients(ops::sum(first), x).single();
  const Tensor third = gradients(ops::sum(second), x).single();
  EXPECT_EQ(first.item(), 12);
  EXPECT_EQ(second.item(), 12);
  EXPECT_EQ(third.item(), 6);
}

TEST(Gradients, AreZeroWhereTheLossDoesNotDepend) {
  const GradientTape tape;
  const Tensor x = f64({1.0}), y = f64({{1.0, 2.0}});
  EXPECT_EQ(gradients(ops::sum(x), y).single().to_vector<double>(), (std::vector<double>{0, 0}));
}

TEST(Gradients, PassIntegersOnTheWayWithoutAskingForTheirGradient) {
  const GradientTape tape;
  const Tensor x = f64({1.0, 2.0}), n = ops::array({3, 4});
  EXPECT_EQ(gradients(ops::sum(x * n.cast("float64")), x).single().to_vector<double>(), (std::vector<double>{3, 4}));
}

TEST(Gradients, KeepTheNamesOfTheirTargets) {
  const GradientTape tape;
  const Tensor x = f64({1.0}), y = f64({2.0});
  EXPECT_EQ(gradients(ops::sum(x * y), {{"a", x}, {"b", y}})["b"].item(), 1);
}

TEST(Gradients, SayWhatIsWrong) {
  const GradientTape tape;
  const Tensor x = f64({1.0, 2.0}), n = ops::array({1, 2});
  EXPECT_ERROR(ShapeError, gradients(x, x),
               "[gradients] The loss is not a scalar. Expected shape (), received (2,). Hint: ops::mean or ops::sum.");
  EXPECT_ERROR(
      ValueError, gradients(ops::sum(x), n),
      "[gradients] Tensor 0 of wrt has no gradient. Expected a floating type, received int32. Hint: cast it to "
      "float32 first.");
  EXPECT_ERROR(ValueError, gradients(ops::sum(n), x),
               "[gradients] The loss has no gradient. Expected a floating type, received int32.");
}

TEST(Gradients, NeedATapeAroundEagerCode) {
  const Tensor x = f64({1.0});
  EXPECT_ERROR(StateError, gradients(ops::sum(x), x),
               "[gradients] Nothing was recorded. Hint: put a GradientTape before the computation.");
}

TEST(PullBack, WeighsTheOutputsWithTheGivenGradients) {
  const GradientTape tape;
  const Tensor x = f64({1.0, 2.0}), y = x * 3, g = f64({10.0, 100.0});
  EXPECT_EQ(pull_back({&y, 1}, {&g, 1}, {&x, 1})[0].to_vector<double>(), (std::vector<double>{30, 300}));
}

}  // namespace
}  // namespace kerata
