#include "conformance.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "ops/nn_ops.h"

namespace kerata::test {
namespace {

using List = std::vector<Tensor>;
using Shapes = std::vector<std::vector<Shape>>;

const Shapes kOne = {{{2, 3}}, {{1}}, {Shape()}, {{0, 2}}, {{2, 1, 3}}};
const Shapes kTwo = {{{2, 3}, {2, 3}},  {{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{2, 1, 3}, {4, 1}}, {{3}, Shape()},
                     {Shape(), {2, 2}}, {{1, 1}, {1}}, {{0, 3}, {3}},    {{2, 0}, {1, 1}}};
const Shapes kAxes = {{{3, 4}}, {{2, 3, 4}}, {{1, 1}}, {{5, 1}}};

Row one(const std::string& name, Tensor (*f)(const Tensor&), double scale = 1.3, double shift = 0,
        bool is_smooth = true) {
  return {name, [f](const List& x) { return f(x[0]); }, kOne, is_smooth, scale, shift};
}
Row two(const std::string& name, Tensor (*f)(const Operand&, const Operand&), double scale = 1.3, double shift = 0,
        bool is_smooth = true) {
  return {name, [f](const List& x) { return f(x[0], x[1]); }, kTwo, is_smooth, scale, shift};
}
Row reduction(const std::string& name, Tensor (*f)(const Tensor&, const ops::Reduce&), const ops::Reduce& over,
              bool is_smooth = true, double shift = 0) {
  return {name, [=](const List& x) { return f(x[0], over); }, kAxes, is_smooth, 1.3, shift};
}

const Row kMath[] = {
    two("add", ops::add),
    two("subtract", ops::subtract),
    two("multiply", ops::multiply),
    two("divide", ops::divide, 0.8, 1.5),
    two("power", ops::power, 0.6, 1.2),
    two("maximum", ops::maximum, 1.3, 0, false),
    two("minimum", ops::minimum, 1.3, 0, false),
    one("negative", ops::negative),
    one("abs", ops::abs, 1.3, 0, false),
    one("exp", ops::exp),
    one("expm1", ops::expm1),
    one("log", ops::log, 0.8, 1.2),
    one("log1p", ops::log1p, 0.7),
    one("sqrt", ops::sqrt, 0.8, 1.2),
    one("rsqrt", ops::rsqrt, 0.8, 1.2),
    one("square", ops::square),
    one("sin", ops::sin),
    one("cos", ops::cos),
    one("tan", ops::tan, 0.9),
    one("tanh", ops::tanh),
    one("sigmoid", ops::sigmoid, 3),
    one("erf", ops::erf),
    one("softplus", ops::softplus, 3),
    one("relu", ops::relu, 1.3, 0, false),
    one("floor", ops::floor, 1.3, 0, false),
    one("ceil", ops::ceil, 1.3, 0, false),
    one("sign", ops::sign, 1.3, 0, false),
    {"round", [](const List& x) { return ops::round(x[0]); }, kOne, false},
    {"round_decimals", [](const List& x) { return ops::round(x[0], 1); }, kOne, false},
    {"clip", [](const List& x) { return ops::clip(x[0], -0.4, 0.7); }, kOne, false},
    {"where", [](const List& x) { return ops::where(x[0] > x[1], x[0] * x[0], x[1]); }, kTwo, false},
    {"power_of_number", [](const List& x) { return ops::power(x[0], 2.5); }, kOne, true, 0.6, 1.2},
    {"number_to_power", [](const List& x) { return ops::power(1.7, x[0]); }, kOne},
    {"number_minus", [](const List& x) { return 1.5 - x[0] / 2; }, kOne},
    {"cast", [](const List& x) { return x[0].cast("float64").cast(x[0].dtype()) * x[0]; }, kOne},
};

const Row kReductions[] = {
    reduction("sum", ops::sum, {}),
    reduction("sum_last", ops::sum, {.axis = -1}),
    reduction("sum_first", ops::sum, {.axis = 0, .keepdims = true}),
    reduction("mean", ops::mean, {}),
    reduction("mean_last", ops::mean, {.axis = -1, .keepdims = true}),
    reduction("mean_first", ops::mean, {.axis = 0}),
    reduction("prod", ops::prod, {.axis = -1}, true, 2),
    reduction("prod_all", ops::prod, {}, true, 1.5),
    reduction("max", ops::max, {.axis = -1}, false),
    reduction("min", ops::min, {.axis = 0}, false),
    reduction("max_all", ops::max, {}, false),
    reduction("var", ops::var, {.axis = -1}),
    {"std", [](const List& x) { return ops::std(x[0], {.axis = 0, .keepdims = true}); }, {{{3, 4}}, {{2, 1, 3}}}},
    reduction("logsumexp", ops::logsumexp, {.axis = -1}),
    reduction("logsumexp_all", ops::logsumexp, {.keepdims = true}),
    {"sum_pair",
     [](const List& x) {
       return ops::sum(x[0] * x[0], {.axis = {0, 2}});
     },
     {{{2, 3, 4}}, {{1, 2, 1}}, {{0, 2, 3}}}},
    {"sum_middle", [](const List& x) { return ops::sum(x[0] * x[0], {.axis = 1}); }, {{{2, 3, 4}}, {{2, 0, 3}}}},
    {"cumsum", [](const List& x) { return ops::cumsum(x[0] * x[0], 0); }, {{{3, 2}}, {{1}}, {{0, 2}}}},
    {"cumsum_flat", [](const List& x) { return ops::cumsum(x[0]); }, {{{3, 2}}, {{0, 2}}, {Shape()}}},
    {"cumsum_last", [](const List& x) { return ops::cumsum(x[0], -1); }, {{{3, 2}}, {{2, 3, 2}}}},
    {"sum_to",
     [](const List& x) { return ops::sum_to(x[0] * x[0], x[1]) * x[1]; },
     {{{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{2, 3}, Shape()}, {{2, 3}, {2, 3}}}},
};

std::string row_name(const testing::TestParamInfo<Row>& info) { return info.param.name; }

using ConformanceOfMath = Conformance;
TEST_P(ConformanceOfMath, Float32AndGradients) { check_row(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Math, ConformanceOfMath, testing::ValuesIn(kMath), row_name);
INSTANTIATE_TEST_SUITE_P(Reductions, ConformanceOfMath, testing::ValuesIn(kReductions), row_name);

TEST(Conformance, StdOfOneElementHasKerasGradient) {
  GradientTape tape;  // d sqrt(v) / dv is infinite at v = 0, and 0 * infinity is NaN, in Keras on JAX too
  const Tensor x = wave({2, 1}, 0.2);
  EXPECT_TRUE(std::isnan(gradients(ops::sum(ops::std(x, {.axis = -1})), x).single().to_vector<double>()[0]));
}

TEST(Conformance, ProductOfAZeroHasTheProductOfTheOthers) {
  const Tensor x = Tensor::from_span<double>(std::vector<double>{2, 0, 3, 0.5, 4, 0, 0, 1}, {2, 4});
  GradientTape tape;
  const Tensor found = gradients(ops::sum(ops::prod(x, {.axis = 1})), x).single();
  EXPECT_EQ(found.to_vector<double>(), (std::vector<double>{0, 3, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace kerata::test
