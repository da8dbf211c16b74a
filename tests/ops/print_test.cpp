// Printing: every expected text is what NumPy 2 prints for the same array.
#include <limits>
#include <sstream>

#include "graph/node.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "support/golden.h"

namespace kerata {
namespace {

Tensor floats(std::vector<float> values) { return ops::array(values); }
Tensor doubles(std::vector<double> values) { return ops::array(values); }

TEST(Print, FloatsAreAlignedOnTheirPoints) {
  EXPECT_EQ(to_string(floats({0.1f, 0.25f, 100})), "[  0.1    0.25 100.  ]");
  EXPECT_EQ(to_string(floats({1, 2, 3})), "[1. 2. 3.]");
  EXPECT_EQ(to_string(floats({-1.5f, 2})), "[-1.5  2. ]");
  EXPECT_EQ(to_string(floats({1.0f / 3, 2.0f / 3})), "[0.33333334 0.6666667 ]");
  EXPECT_EQ(to_string(doubles({1.0 / 3, 20.0 / 3})), "[0.33333333 6.66666667]");
}

TEST(Print, WideRangesTakeExponents) {
  EXPECT_EQ(to_string(floats({1e-5f, 1})), "[1.e-05 1.e+00]");
  EXPECT_EQ(to_string(floats({1e8f, 1})), "[1.e+08 1.e+00]");
  EXPECT_EQ(to_string(floats({1234.5f, 0.1f})), "[1.2345e+03 1.0000e-01]");
  EXPECT_EQ(to_string(floats({0.001f, 1.5f})), "[1.0e-03 1.5e+00]");
  EXPECT_EQ(to_string(floats({1020475.06f, 4775802})), "[1.02047506e+06 4.77580200e+06]");
  EXPECT_EQ(to_string(doubles({1020475.06, 4775802})), "[1020475.06 4775802.  ]");
  EXPECT_EQ(to_string(doubles({123456789.0})), "[1.23456789e+08]");
  EXPECT_EQ(to_string(floats({-2.9245675e-10f, 9.487374e-3f})), "[-2.9245675e-10  9.4873738e-03]");
}

TEST(Print, SpecialValues) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(to_string(floats({1, 2.5f, nan, -inf}).reshape({2, 2})), "[[ 1.   2.5]\n [ nan -inf]]");
  EXPECT_EQ(to_string(floats({nan})), "[nan]");
  EXPECT_EQ(to_string(floats({nan, 1})), "[nan  1.]");
}

TEST(Print, ScalarsShowAllTheirDigits) {
  EXPECT_EQ(to_string(ops::full({}, 3.5)), "3.5");
  EXPECT_EQ(to_string(ops::full({}, 2)), "2.0");
  EXPECT_EQ(to_string(ops::full({}, 1e-7)), "1e-07");
  EXPECT_EQ(to_string(ops::full({}, 0.1, "float64")), "0.1");
  EXPECT_EQ(to_string(ops::full({}, 7, "int32")), "7");
  EXPECT_EQ(to_string(ops::full({}, 1, "bool")), "True");
}

TEST(Print, IntegersAndTruthValues) {
  EXPECT_EQ(to_string(ops::array({1, -20, 300})), "[  1 -20 300]");
  EXPECT_EQ(to_string(ops::array({true, false})), "[ True False]");
  EXPECT_EQ(to_string(ops::arange(30)),
            "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]");
}

TEST(Print, AxesAreNested) {
  EXPECT_EQ(to_string(ops::zeros({2, 2, 2})), "[[[0. 0.]\n  [0. 0.]]\n\n [[0. 0.]\n  [0. 0.]]]");
  EXPECT_EQ(to_string(ops::zeros({0, 3})), "[]");
}

TEST(Print, LongLinesBreakAt75) {
  std::vector<float> values;
  for (int i = 0; i < 20; ++i) values.push_back(static_cast<float>(i / 19.0));
  EXPECT_EQ(to_string(floats(values)),
            "[0.         0.05263158 0.10526316 0.15789473 0.21052632 0.2631579\n"
            " 0.31578946 0.36842105 0.42105263 0.47368422 0.5263158  0.57894737\n"
            " 0.6315789  0.68421054 0.7368421  0.7894737  0.84210527 0.8947368\n"
            " 0.94736844 1.        ]");
}

TEST(Print, MoreThanAThousandElementsAreCut) {
  EXPECT_EQ(to_string(ops::arange(2000)), "[   0    1    2 ... 1997 1998 1999]");
  EXPECT_EQ(to_string(ops::arange(0, 1600, 1, "int32").reshape({8, 200})),
            "[[   0    1    2 ...  197  198  199]\n [ 200  201  202 ...  397  398  399]\n [ 400  401  402 ...  597  "
            "598  599]\n ...\n"
            " [1000 1001 1002 ... 1197 1198 1199]\n [1200 1201 1202 ... 1397 1398 1399]\n [1400 1401 1402 ... 1597 "
            "1598 1599]]");
}

TEST(Print, SymbolicTensorsAndVariables) {
  EXPECT_EQ(to_string(placeholder({DType::float32, {-1, 3}})), "Tensor(shape=(?, 3), dtype=float32)");
  EXPECT_EQ(to_string(Tensor()), "Tensor()");
  std::ostringstream out;
  out << Variable("kernel", Role::trainable, ops::ones({2})) << ' ' << ops::ones({1});
  EXPECT_EQ(out.str(), "<Variable path=kernel, shape=(2,), dtype=float32, value=[1. 1.]> [1.]");
}

}  // namespace
}  // namespace kerata
