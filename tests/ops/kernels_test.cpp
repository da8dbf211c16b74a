// The kernels themselves: accuracy of the float32 functions, equal results for any number of threads, aliasing.
#include <cmath>
#include <functional>
#include <numeric>

#include "backend/parallel.h"
#include "cpu/elementwise.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/op_list.h"
#include "support/golden.h"

namespace kerata {
namespace {

/// Pseudo-random floats in [-1, 1] times scale.
Tensor noise(const Shape& shape, double scale = 1) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  std::uint32_t state = 12345;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>((static_cast<double>(state >> 8) / 8388608.0 - 1) * scale);
  }
  return Tensor::from_span<float>(values, shape);
}

struct Accuracy {
  const OpDef* op;
  double (*exact)(double);
  float low, high;
  double ulp;  // allowed
};

class Functions : public testing::TestWithParam<Accuracy> {};

TEST_P(Functions, AreWithinAFewUnitsOfTheLastPlace) {
  const Accuracy& p = GetParam();
  std::vector<float> x;
  for (int i = 0; i <= 20000; ++i) x.push_back(p.low + (p.high - p.low) * static_cast<float>(i) / 20000);
  for (float tiny = 1e-30f; tiny < 1; tiny *= 3) x.insert(x.end(), {tiny, p.low < 0 ? -tiny : tiny});
  std::vector<float> y(x.size());
  cpu::find_elementwise_f32(*p.op)->unary(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = p.exact(static_cast<double>(x[i]));
    const double unit = exact == 0 ? 1 : std::max(std::ldexp(1.0, std::ilogb(exact) - 23), 1.2e-38);
    worst = std::max(worst, std::abs(static_cast<double>(y[i]) - exact) / unit);
  }
  EXPECT_LE(worst, p.ulp);
}

INSTANTIATE_TEST_SUITE_P(
    Float32, Functions,
    testing::Values(Accuracy{&ops::kExp, [](double x) { return std::exp(x); }, -87, 88, 2},
                    Accuracy{&ops::kExpm1, [](double x) { return std::expm1(x); }, -20, 88, 3},
                    Accuracy{&ops::kLog, [](double x) { return std::log(x); }, 0.001f, 1000, 2},
                    Accuracy{&ops::kLog1p, [](double x) { return std::log1p(x); }, -0.99f, 50, 3},
                    Accuracy{&ops::kTanh, [](double x) { return std::tanh(x); }, -10, 10, 6},
                    Accuracy{&ops::kSigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -80, 80, 4},
                    Accuracy{&ops::kErf, [](double x) { return std::erf(x); }, -5, 5, 4},
                    Accuracy{&ops::kSoftplus,
                             [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, -80, 80,
                             4},
                    Accuracy{&ops::kSin, [](double x) { return std::sin(x); }, -3, 3, 3},
                    Accuracy{&ops::kCos, [](double x) { return std::cos(x); }, -1.5f, 1.5f, 3},
                    Accuracy{&ops::kTan, [](double x) { return std::tan(x); }, -1.5f, 1.5f, 5}),
    [](const auto& each) { return std::string(each.param.op->name); });

TEST(Functions, LargeAnglesAreExact) {
  const std::vector<float> x = {1e5f, -3e6f, 8193, 1, 1e20f};
  const std::vector<float> y = ops::sin(ops::array(x)).to_vector<float>();
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(y[i], std::sin(static_cast<double>(x[i])), 1e-6) << x[i];
}

TEST(Functions, OutputsMayBeInputs) {
  for (const OpDef* op : {&ops::kAdd, &ops::kMultiply, &ops::kMaximum, &ops::kLess}) {
    const auto& f = *cpu::find_elementwise_f32(*op);
    const std::vector<float> a = noise({1000}).to_vector<float>(), b = noise({1000}, 2).to_vector<float>();
    std::vector<float> expected(1000), left = a, right = b;
    f.binary(a.data(), b.data(), expected.data(), 1000);
    f.binary(left.data(), b.data(), left.data(), 1000);
    f.binary(a.data(), right.data(), right.data(), 1000);
    EXPECT_EQ(left, expected) << op->name;
    EXPECT_EQ(right, expected) << op->name;
  }
}

TEST(Functions, ScalarFormsEqualTheGeneralOne) {
  const std::vector<float> a = noise({77}).to_vector<float>(), b(77, 0.3f);
  for (const OpDef* op : {&ops::kSubtract, &ops::kDivide, &ops::kGreater, &ops::kMinimum, &ops::kLogicalAnd}) {
    const auto& f = *cpu::find_elementwise_f32(*op);
    std::vector<float> general(77), scalar(77);
    f.binary(a.data(), b.data(), general.data(), 77);
    f.binary_as(a.data(), 0.3f, scalar.data(), 77);
    EXPECT_EQ(scalar, general) << op->name;
    f.binary(b.data(), a.data(), general.data(), 77);
    f.binary_sa(0.3f, a.data(), scalar.data(), 77);
    EXPECT_EQ(scalar, general) << op->name;
  }
}

TEST(Functions, WhereTakesFloatMasks) {
  const auto& f = *cpu::find_elementwise_f32(ops::kWhere);
  const std::vector<float> mask = {1, 0, 1}, a = {1, 2, 3}, b = {4, 5, 6};
  std::vector<float> out(3);
  f.ternary(mask.data(), a.data(), b.data(), out.data(), 3);
  EXPECT_EQ(out, (std::vector<float>{1, 5, 3}));
  f.ternary_as(mask.data(), a.data(), 9, out.data(), 3);
  EXPECT_EQ(out, (std::vector<float>{1, 9, 3}));
  f.ternary_sa(mask.data(), 9, b.data(), out.data(), 3);
  EXPECT_EQ(out, (std::vector<float>{9, 5, 9}));
  f.ternary_ss(mask.data(), 7, 8, out.data(), 3);
  EXPECT_EQ(out, (std::vector<float>{7, 8, 7}));
}

/// f's result on one thread (inside a parallel region there are no others) and on all of them.
void expect_equal_for_any_threads(const std::string& what, const std::function<Tensor()>& f) {
  Tensor single;
  parallel_for(2, 1, [&](std::int64_t begin, std::int64_t) {
    if (begin == 0) single = f();
  });
  EXPECT_EQ(f().to_vector<double>(), single.to_vector<double>()) << what;
}

TEST(Threads, ResultsAreBitEqual) {
  const Tensor x = noise({700, 301}), row = noise({301}), column = noise({700, 1}), flat = noise({1000003});
  const Tensor index = ops::cast(ops::abs(noise({5000}, 300)), "int32");
  expect_equal_for_any_threads("add", [&] { return x + row; });
  expect_equal_for_any_threads("column", [&] { return x * column; });
  expect_equal_for_any_threads("exp", [&] { return ops::exp(flat); });
  expect_equal_for_any_threads("where", [&] { return ops::where(x > 0, x, row); });
  expect_equal_for_any_threads("sum", [&] { return ops::sum(flat); });
  expect_equal_for_any_threads("sum rows", [&] { return ops::sum(x, {.axis = 1}); });
  expect_equal_for_any_threads("sum columns", [&] { return ops::sum(x, {.axis = 0}); });
  expect_equal_for_any_threads("mean of outer axes", [&] {
    return ops::mean(x.reshape({7, 100, 301}), {.axis = {0, 2}});
  });
  expect_equal_for_any_threads("max", [&] { return ops::max(flat); });
  expect_equal_for_any_threads("argmax", [&] { return ops::argmax(x, 0); });
  expect_equal_for_any_threads("transpose", [&] { return ops::transpose(x); });
  expect_equal_for_any_threads("concatenate", [&] { return ops::concatenate({x, x}, 1); });
  expect_equal_for_any_threads("take", [&] { return ops::take(x, index, 0); });
  expect_equal_for_any_threads("scatter_add", [&] { return ops::scatter_add(x, index, noise({5000, 301})); });
}

TEST(Sums, LongFloat32SumsStayAccurate) {
  const Tensor x = ops::full({4000000}, 0.1);
  const double exact = 4000000 * static_cast<double>(0.1f);
  EXPECT_NEAR(ops::sum(x).item() / exact, 1, 1e-6);
  EXPECT_NEAR(ops::sum(x.reshape({400000, 10}), {.axis = 0}).to_vector<double>()[3] / (exact / 10), 1, 3e-6);
  EXPECT_NEAR(ops::sum(x.reshape({4, 1000000}), {.axis = 1}).to_vector<double>()[2] / (exact / 4), 1, 3e-6);
}

/// Every way through the reductions against a plain loop.
TEST(Sums, EverySizeAndPlace) {
  for (const Shape& shape :
       {Shape{3, 5, 7}, Shape{1, 130, 2}, Shape{40000, 2, 1}, Shape{2, 40000, 3}, Shape{2, 3, 70000}, Shape{33, 1, 65}})
    for (const std::vector<Dim>& axes : {std::vector<Dim>{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}}) {
      const Tensor x = noise(shape);
      const std::vector<double> values = x.to_vector<double>();
      const Tensor found = ops::sum(x, {.axis = axes, .keepdims = true});
      const Shape out = found.shape();
      std::vector<double> expected(static_cast<std::size_t>(out.size()));
      for (std::size_t i = 0; i < values.size(); ++i) {
        const Dim c = static_cast<Dim>(i) % shape[2], b = static_cast<Dim>(i) / shape[2] % shape[1],
                  a = static_cast<Dim>(i) / shape[2] / shape[1];
        expected[static_cast<std::size_t>(((a % out[0]) * out[1] + b % out[1]) * out[2] + c % out[2])] += values[i];
      }
      golden::expect_near_all(found.to_vector<double>(), expected, {1e-5, 2e-4},
                              to_string(shape) + " over " + to_string(Shape(axes)));
    }
}

TEST(Extremes, AreTheFirstOfEqualsOnEveryAxis) {
  const Tensor x = ops::array({{2, 2}, {2, 5}, {2, 5}});
  using Places = std::vector<int>;
  EXPECT_EQ(ops::argmax(x, 0).to_vector<int>(), (Places{0, 1}));
  EXPECT_EQ(ops::argmin(x, 0).to_vector<int>(), (Places{0, 0}));
  EXPECT_EQ(ops::argmax(x, 1).to_vector<int>(), (Places{0, 1, 1}));
  EXPECT_EQ(ops::argmin(x, 1).to_vector<int>(), (Places{0, 0, 0}));
}

TEST(OneHot, ALabelOutsideLeavesTheNextRowAlone) {
  const Tensor labels = Tensor::from_span<int>(std::vector<int>{2, 1, -1, 1}, {4});
  EXPECT_EQ(ops::one_hot(labels, 2).to_vector<int>(), (std::vector<int>{0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(ops::one_hot(labels.reshape({2, 2}), 2, 1).to_vector<int>(), (std::vector<int>{0, 0, 0, 1, 0, 0, 0, 1}));
}

TEST(Integers, OverflowWrapsAround) {
  EXPECT_EQ((ops::full({1}, 127, "int8") + 1).item(), -128);
  EXPECT_EQ((ops::full({1}, 200, "uint8") + 100).item(), 44);
  EXPECT_EQ(ops::square(ops::full({1}, 65536, "int32")).item(), 0);
  EXPECT_EQ((-ops::full({1}, -2147483648.0, "int32")).item(), -2147483648.0);
}

TEST(Casts, NumbersOutsideGoToTheEnds) {
  const Tensor x = ops::array({1e10, -1e10, std::nan(""), -1.9});
  EXPECT_EQ(x.cast("int32").to_vector<std::int64_t>(), (std::vector<std::int64_t>{2147483647, -2147483648, 0, -1}));
  EXPECT_EQ(x.cast("uint8").to_vector<std::int64_t>(), (std::vector<std::int64_t>{255, 0, 0, 0}));
  EXPECT_EQ(x.cast("bool").to_vector<bool>(), (std::vector<bool>{true, true, true, true}));
}

}  // namespace
}  // namespace kerata
