#include "kerata/testing/gradient_check.h"

#include <gtest/gtest.h>

#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

using kerata::testing::gradient_check;

const Tensor& point() {
  static const Tensor x = ops::array({{1.0, -2.0, 0.5}, {0.25, 1.5, -1.0}});
  return x;
}

TEST(GradientCheck, LetsRightGradientsPass) {
  EXPECT_NO_THROW(gradient_check([](const Tensors& x) { return ops::sin(x[0]) * x[1]; }, {point(), point() + 1}));
  EXPECT_NO_THROW(gradient_check([](const Tensors& x) { return ops::take(x[0], x[1], 1); },
                                 {point(), ops::array({2, 0})}));  // integers are passed on
}

TEST(GradientCheck, NamesTheElementThatIsWrong) {
  const auto wrong = [](const Tensors& x) { return ops::square(x[0]) + ops::stop_gradient(x[1]) * 2; };
  EXPECT_ERROR_WITH(ValueError, gradient_check(wrong, {point(), point()}),
                    "[gradient_check] Input 1, element 0 of (2, 3): the gradient is 0, the finite difference");
}

TEST(GradientCheck, FindsASmallError) {
  const auto wrong = [](const Tensors& x) { return x[0] * x[0] + ops::stop_gradient(x[0]) * 1e-4; };
  EXPECT_ERROR_WITH(ValueError, gradient_check(wrong, point()), "Input 0, element 0 of (2, 3)");
  EXPECT_NO_THROW(gradient_check(wrong, point(), {.tolerance = 1e-3}));
}

}  // namespace
}  // namespace kerata
