#include "kerata/ops/nn.h"

#include "graph/scope.h"
#include "kerata/ops/control.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"
#include "support/errors.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using golden::expect_near_all;
using test::expect_both_gradients;
using test::expect_gradients;
using test::wave;
using In = const std::vector<Tensor>&;

TEST(Softmax, GradientsAgreeWithDifferences) {
  for (Dim axis : {-1, 0, 1}) {
    expect_both_gradients([=](In x) { return ops::softmax(x[0], axis); }, {wave({3, 4, 2}, 1)});
    expect_both_gradients([=](In x) { return ops::log_softmax(x[0], axis); }, {wave({3, 4, 2}, 1)});
  }
}

TEST(Softmax, StaysFiniteForLargeLogits) {
  const Tensor x = Tensor::from_span<float>(std::vector<float>{100, -100, 1000, 1000}, {2, 2});
  expect_near_all(ops::softmax(x).to_vector<double>(), std::vector<double>{1, 0, 0.5, 0.5});
  expect_near_all(ops::log_softmax(x).to_vector<double>(), std::vector<double>{0, -200, -0.69314718, -0.69314718});
}

TEST(Softmax, StaysFiniteWhereverTheLargestStands) {
  for (std::size_t n : {2, 3, 8, 17, 40})
    for (std::size_t place = 0; place < n; ++place) {
      std::vector<float> values(n, -200.0f), one_hot(n, 0.0f);
      values[place] = 200;
      one_hot[place] = 1;
      const Tensor x = Tensor::from_span<float>(values, {1, static_cast<Dim>(n)});
      const Tensor label = Tensor::from_span<int>(std::vector<int>{static_cast<int>(place)}, {1});
      EXPECT_EQ(ops::softmax(x).to_vector<float>(), one_hot) << n << ", " << place;
      EXPECT_EQ(ops::max(ops::log_softmax(x)).item(), 0) << n << ", " << place;
      EXPECT_EQ(ops::sparse_softmax_cross_entropy(x, label).item(), 0) << n << ", " << place;
      EXPECT_EQ(ops::softmax(ops::transpose(x), 0).to_vector<float>(), one_hot) << n << ", " << place;
      // two columns: the loop over an axis that is not the last
      const Tensor columns = ops::concatenate({ops::transpose(x), ops::transpose(x)}, 1);
      EXPECT_EQ(ops::softmax(columns, 0).slice({.axis = 1, .start = 1}).to_vector<float>(), one_hot)
          << n << ", " << place;
      EXPECT_EQ(ops::max(ops::log_softmax(columns, 0)).item(), 0) << n << ", " << place;
    }
}

TEST(Softmax, Float32AgreesWithFloat64ForManyWidths) {
  for (Dim n : {1, 2, 10, 16, 17, 100, 1500})
    for (Dim axis : {0, 1}) {
      const Tensor x = wave({9, n}, 1, 5), x32 = x.cast("float32");
      expect_near_all(ops::softmax(x32, axis), ops::softmax(x, axis).cast("float32"), {1e-5, 1e-7});
      expect_near_all(ops::log_softmax(x32, axis), ops::log_softmax(x, axis).cast("float32"), {1e-5, 1e-5});
    }
}

// Rows longer than a tile of log-softmax, by way of softmax: a kernel of its own.
TEST(Softmax, LogarithmsOfLongRowsAreThoseOfSoftmax) {
  for (Dim n : {1023, 1024, 1025, 2500}) {
    const Tensor x = wave({3, n}, 1, 5), expected = ops::log(ops::softmax(x));
    expect_near_all(ops::log_softmax(x), expected, {1e-12, 1e-12});
    const Tensor labels = Tensor::from_span<int>(std::vector<int>{0, 1, static_cast<int>(n) - 1}, {3});
    expect_near_all(ops::sparse_softmax_cross_entropy(x, labels),
                    -ops::squeeze(ops::take_along_axis(expected, ops::expand_dims(labels, 1), 1), 1), {1e-12, 1e-12});
  }
}

TEST(Softmax, ReportsAMissingAxis) {
  EXPECT_ERROR(ShapeError, ops::softmax(ops::zeros({2, 3}), 2), "[softmax] There is no axis 2 in (2, 3).");
  EXPECT_ERROR_WITH(ValueError, ops::softmax(ops::zeros({2, 3}, "int32")), "Expected a floating type, received int32");
}

TEST(CrossEntropy, SparseGradientsAgreeWithDifferences) {
  const Tensor labels = Tensor::from_span<int>(std::vector<int>{2, 0, 4}, {3});
  for (const char* type : {"int32", "int64", "uint8", "float32"})
    expect_both_gradients(
        [&](In x) { return ops::sparse_softmax_cross_entropy(x[0], labels.cast(Choice<DType>::parse(type))); },
        {wave({3, 5}, 1)});
}

TEST(CrossEntropy, SparseEqualsTheDenseOne) {
  const Tensor x = wave({2, 3, 5}, 1, 3).cast("float32");
  const Tensor labels = Tensor::from_span<int>(std::vector<int>{2, 0, 4, 1, 1, 3}, {2, 3});
  expect_near_all(ops::sparse_softmax_cross_entropy(x, labels), ops::softmax_cross_entropy(x, ops::one_hot(labels, 5)),
                  {1e-5, 1e-6});
}

TEST(CrossEntropy, ReportsALabelOutOfRange) {
  for (int bad : {-1, 5}) {
    const Tensor labels = Tensor::from_span<int>(std::vector<int>{2, bad}, {2});
    EXPECT_ERROR_WITH(ValueError, ops::sparse_softmax_cross_entropy(ops::zeros({2, 5}), labels),
                      "[sparse_softmax_cross_entropy] Index " + std::to_string(bad) + " is out of range");
  }
  EXPECT_ERROR_WITH(ShapeError, ops::sparse_softmax_cross_entropy(ops::zeros({2, 5}), ops::zeros({3})),
                    "Labels do not fit the logits");
}

TEST(CrossEntropy, DenseAndSigmoidGradientsAgreeWithDifferences) {
  expect_both_gradients([](In x) { return ops::softmax_cross_entropy(x[0], x[1]); },
                        {wave({3, 5}, 1), wave({3, 5}, 2)});
  expect_both_gradients([](In x) { return ops::sigmoid_cross_entropy(x[0], x[1]); },
                        {wave({3, 5}, 1, 3), wave({3, 5}, 2)});
}

TEST(CrossEntropy, SigmoidStaysFiniteAndSmoothAtZero) {
  const Tensor x = Tensor::from_span<float>(std::vector<float>{100, -100, 100, 0}, {4});
  const Tensor z = Tensor::from_span<float>(std::vector<float>{1, 0, 0, 1}, {4});
  expect_near_all(ops::sigmoid_cross_entropy(x, z).to_vector<double>(), std::vector<double>{0, 0, 100, 0.69314718});
  GradientTape tape;
  const Tensor g = gradients(ops::sum(ops::sigmoid_cross_entropy(x, z)), x).single();
  expect_near_all(g.to_vector<double>(), std::vector<double>{0, 0, 1, -0.5});
}

struct ConvCase {
  Shape x, kernel;
  ops::Window2D window;
};
class ConvGradient : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvGradient, AgreesWithDifferencesInBothOrders) {
  const ConvCase& c = GetParam();
  expect_both_gradients([&](In x) { return ops::conv(x[0], x[1], c.window); }, {wave(c.x, 1), wave(c.kernel, 2)});
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConvGradient,
                         testing::Values(ConvCase{{2, 4, 5, 2}, {3, 2, 2, 3}, {}},
                                         ConvCase{{1, 5, 4, 2}, {3, 3, 2, 2}, {.strides = 2, .padding = "same"}},
                                         ConvCase{{1, 4, 4, 2}, {2, 2, 2, 2}, {.padding = "same"}},
                                         ConvCase{{2, 3, 3, 2}, {1, 1, 2, 3}, {}},
                                         ConvCase{{1, 6, 5, 1}, {2, 2, 1, 2}, {.dilation_rate = {2, 3}}},
                                         ConvCase{{1, 4, 4, 4}, {3, 3, 2, 4}, {.strides = {1, 2}, .padding = "same"}},
                                         ConvCase{{1, 4, 4, 3}, {2, 2, 1, 6}, {.strides = 3}}));

TEST(Conv, ReportsSizesThatDoNotFit) {
  EXPECT_ERROR_WITH(ShapeError, ops::conv(ops::zeros({2, 4, 4}), ops::zeros({3, 3, 1, 1})),
                    "Expected images of shape (batch, height");
  EXPECT_ERROR_WITH(ShapeError, ops::conv(ops::zeros({2, 4, 4, 3}), ops::zeros({3, 3, 2, 1})),
                    "[conv] Channels do not fit.");
  EXPECT_ERROR_WITH(ShapeError, ops::conv(ops::zeros({2, 2, 4, 3}), ops::zeros({3, 3, 3, 1})),
                    "[conv] The window does not fit.");
  EXPECT_ERROR_WITH(ValueError, ops::conv(ops::zeros({2, 4, 4, 3}), ops::zeros({3, 3, 3, 1}), {.strides = 0}),
                    "Expected positive sizes");
}

struct PoolCase {
  Shape x;
  Size2 size;
  ops::Window2D window;
};
class PoolGradient : public testing::TestWithParam<PoolCase> {};

TEST_P(PoolGradient, AgreesWithDifferencesInBothOrders) {
  const PoolCase& c = GetParam();
  expect_both_gradients([&](In x) { return ops::max_pool(x[0], c.size, c.window); }, {wave(c.x, 1)});
  expect_both_gradients([&](In x) { return ops::average_pool(x[0], c.size, c.window); }, {wave(c.x, 1)});
}

INSTANTIATE_TEST_SUITE_P(Shapes, PoolGradient,
                         testing::Values(PoolCase{{2, 4, 4, 3}, 2, {.strides = 2}},
                                         PoolCase{{1, 5, 5, 9}, 2, {.strides = 2}},
                                         PoolCase{{1, 5, 5, 2}, 3, {.strides = 1, .padding = "same"}},
                                         PoolCase{{2, 5, 4, 17}, {2, 3}, {.strides = {2, 1}, .padding = "same"}}));

TEST(Pool, LeavesPaddingOutAndTakesTheFirstOfEquals) {
  const Tensor x = Tensor::from_span<float>(std::vector<float>{-1, -2, -3, -4, -5, -6, -7, -8, -9}, {1, 3, 3, 1});
  const ops::Window2D same{.strides = 2, .padding = "same"};
  EXPECT_EQ(ops::max_pool(x, 2, same).to_vector<float>(), (std::vector<float>{-1, -3, -7, -9}));
  EXPECT_EQ(ops::average_pool(x, 2, same).to_vector<float>(), (std::vector<float>{-3, -4.5, -7.5, -9}));
  GradientTape tape;
  const Tensor ones = ops::ones({1, 2, 2, 1});
  const Tensor g = gradients(ops::sum(ops::max_pool(ones, 2, {.strides = 2})), ones).single();
  EXPECT_EQ(g.to_vector<float>(), (std::vector<float>{1, 0, 0, 0}));
}

TEST(Pool, TheGradientOfItsGradientTakesTheFirstOfEqualsToo) {
  GradientTape tape;
  const Tensor x = ops::ones({1, 2, 2, 1}), scale = ops::ones({1, 1, 1, 1});
  const Tensor dx = gradients(ops::sum(ops::max_pool(x, 2, {.strides = 2}) * scale), x).single();
  const Tensor weighted = dx * Tensor::from_span<float>(std::vector<float>{5, 6, 7, 8}, {1, 2, 2, 1});
  EXPECT_EQ(gradients(ops::sum(weighted), scale).single().item(), 5);
}

TEST(Pool, ReportsImagesWithoutChannels) {
  EXPECT_ERROR_WITH(ShapeError, ops::max_pool(ops::zeros({4, 4}), 2, {}), "[max_pool] Expected images of shape");
  EXPECT_ERROR_WITH(ShapeError, ops::average_pool(ops::zeros({1, 1, 4, 1}), 2, {}),
                    "[average_pool] The window does not fit.");
}

TEST(BatchNorm, GradientsAgreeWithDifferences) {
  auto y = [](In x) { return ops::batch_norm_training(x[0], x[1], x[2], 1e-3)[0]; };
  expect_both_gradients(y, {wave({5, 3}, 1), wave({3}, 2), wave({3}, 3)}, 1e-5);
  expect_both_gradients(y, {wave({2, 2, 2, 9}, 1), wave({9}, 2), wave({9}, 3)}, 1e-5);
  for (std::size_t output : {1, 2})
    expect_gradients([=](In x) { return ops::batch_norm_training(x[0], x[1], x[2], 1e-3)[output]; },
                     {wave({5, 3}, 1), wave({3}, 2), wave({3}, 3)});
}

TEST(BatchNorm, NormalizesEachChannel) {
  const Tensor x = wave({1000, 20}, 1, 4).cast("float32") + 7;
  const std::vector<Tensor> r = ops::batch_norm_training(x, ops::ones({20}), ops::zeros({20}), 1e-3);
  expect_near_all(r[1], ops::mean(x, {.axis = 0}), {1e-5, 1e-5});
  expect_near_all(r[2], ops::var(x, {.axis = 0}), {1e-4, 1e-5});
  expect_near_all(r[0], (x - r[1]) / ops::sqrt(r[2] + 1e-3), {1e-4, 1e-4});
}

// One step at a time, from the definition.
Tensor plain_lstm(In x, const Tensor& mask) {
  Tensor h = x[1], c = x[2];
  const Dim steps = x[0].shape()[1], units = h.shape()[1];
  std::vector<Tensor> all;
  for (Dim t = 0; t < steps; ++t) {
    const Tensor step = ops::squeeze(x[0].slice({.axis = 1, .start = t, .stop = t + 1}), 1);
    const Tensors z =
        ops::split(ops::matmul(step, x[3], false, false) + ops::matmul(h, x[4], false, false) + x[5], 4, 1);
    const Tensor c_new = ops::sigmoid(z[1]) * c + ops::sigmoid(z[0]) * ops::tanh(z[2]);
    const Tensor h_new = ops::sigmoid(z[3]) * ops::tanh(c_new);
    const Tensor on = mask.is_empty() ? Tensor() : mask.slice({.axis = 1, .start = t, .stop = t + 1});
    c = mask.is_empty() ? c_new : ops::where(on, c_new, c);
    h = mask.is_empty() ? h_new : ops::where(on, h_new, h);
    all.push_back(h);
  }
  EXPECT_EQ(h.shape()[1], units);
  return ops::concatenate({ops::reshape(ops::stack(all, 1), {-1}), ops::reshape(h, {-1}), ops::reshape(c, {-1})});
}

Tensor fused_lstm(In x, const Tensor& mask) {
  const std::vector<Tensor> r = ops::lstm(x[0], x[1], x[2], x[3], x[4], x[5], mask);
  return ops::concatenate({ops::reshape(r[0], {-1}), ops::reshape(r[1], {-1}), ops::reshape(r[2], {-1})});
}

std::vector<Tensor> lstm_inputs(Dim batch, Dim steps, Dim features, Dim units) {
  return {wave({batch, steps, features}, 1), wave({batch, units}, 2),          wave({batch, units}, 3),
          wave({features, 4 * units}, 4),    wave({units, 4 * units}, 5, 0.5), wave({4 * units}, 6)};
}

TEST(Lstm, EqualsItsDefinitionStepByStep) {
  for (const auto& [batch, steps, features, units] : {std::array<Dim, 4>{3, 5, 2, 4}, {1, 1, 3, 1}, {20, 7, 5, 33}}) {
    const std::vector<Tensor> x = lstm_inputs(batch, steps, features, units);
    Tensor mask = ops::greater(wave({batch, steps}, 9), 0.0);
    expect_near_all(fused_lstm(x, {}), plain_lstm(x, {}), {1e-10, 1e-10});
    expect_near_all(fused_lstm(x, mask), plain_lstm(x, mask), {1e-10, 1e-10});
    std::vector<Tensor> x32;
    for (const Tensor& t : x) x32.push_back(t.cast("float32"));
    expect_near_all(fused_lstm(x32, mask), plain_lstm(x, mask).cast("float32"), {1e-4, 1e-5});
  }
}

TEST(Lstm, GradientsAgreeWithDifferencesAndWithTheDefinition) {
  const std::vector<Tensor> x = lstm_inputs(2, 3, 2, 3);
  const Tensor mask = Tensor::from_span<int>(std::vector<int>{0, 1, 1, 1, 0, 1}, {2, 3}).cast("bool");
  expect_gradients([](In in) { return fused_lstm(in, {}); }, x);
  expect_gradients([&](In in) { return fused_lstm(in, mask); }, x);
  const std::vector<Tensor> larger = lstm_inputs(19, 6, 4, 9);
  const Tensor larger_mask = ops::greater(wave({19, 6}, 9), -0.5);
  auto grads = [&](auto f) {
    GradientTape tape;
    return gradients(test::weighed(f(larger, larger_mask)), Tensors(larger));
  };
  const Tensors fused = grads(fused_lstm), plain = grads(plain_lstm);
  for (std::size_t i = 0; i < 6; ++i) expect_near_all(fused[i], plain[i], {1e-9, 1e-9}, std::to_string(i));
}

TEST(Lstm, GradientFlowsFromEachOutputAlone) {
  for (std::size_t output : {0, 1, 2})
    expect_both_gradients([=](In x) { return ops::lstm(x[0], x[1], x[2], x[3], x[4], x[5], {})[output]; },
                          lstm_inputs(2, 3, 2, 2));
}

TEST(Lstm, GradientsOfGradientsAgreeWithDifferences) {
  const std::vector<Tensor> x = lstm_inputs(2, 3, 2, 2);
  const Tensor mask = Tensor::from_span<int>(std::vector<int>{0, 1, 1, 1, 0, 1}, {2, 3}).cast("bool");
  expect_both_gradients([](In in) { return fused_lstm(in, {}); }, x);
  expect_both_gradients([&](In in) { return fused_lstm(in, mask); }, x);
}

TEST(Lstm, ThirdOrderEqualsThatOfTheDefinition) {
  const std::vector<Tensor> x = lstm_inputs(2, 2, 2, 2);
  auto third = [&](auto f) {
    GradientTape tape;
    Tensor loss = test::weighed(f(x, Tensor()));
    for (std::size_t wrt : {3, 4}) loss = ops::sum(ops::square(gradients(loss, x[wrt]).single()));
    return gradients(loss, Tensors(x));
  };
  const Tensors fused = third(fused_lstm), plain = third(plain_lstm);
  for (std::size_t i = 0; i < 6; ++i) expect_near_all(fused[i], plain[i], {1e-9, 1e-9}, std::to_string(i));
}

TEST(Lstm, OneTensorInTwoRolesGetsBothGradients) {
  const Tensor x = wave({2, 3, 2}, 1), state = wave({2, 2}, 2), bias = wave({8}, 6), kernel = wave({2, 8}, 4);
  auto f = [&](In in) { return fused_lstm({x, in[0], in[0], in[1], in[1], bias}, {}); };
  expect_both_gradients(f, {state, kernel});
}

TEST(Lstm, ReportsSizesThatDoNotFit) {
  std::vector<Tensor> x = lstm_inputs(2, 3, 2, 3);
  EXPECT_ERROR_WITH(ShapeError, ops::lstm(x[0], x[1], x[2], x[4], x[4], x[5], {}),
                    "[lstm] Expected a kernel of shape (2, 12), received (3, 12).");
  EXPECT_ERROR_WITH(ShapeError, ops::lstm(x[0], x[1], x[2], x[3], x[4], x[5], ops::zeros({2, 4}, "bool")),
                    "Expected a mask of shape (2, 3)");
}

TEST(Control, StopGradientPassesNothingBack) {
  const Tensor x = wave({3}, 1);
  GradientTape tape;
  const Tensor g = gradients(ops::sum(x * ops::stop_gradient(x)), x).single();
  expect_near_all(g, x);
}

TEST(Control, CustomGradientUsesItsRule) {
  const Tensor x = wave({3}, 1), y = wave({3}, 2);
  GradientTape tape;
  const Tensors r = ops::custom_gradient(
      [](const Tensors& in) {
        return ops::WithGradient{{in[0] * in[1]}, [=](const Tensors& g) { return Tensors{g[0] * 2.0, g[0] * in[0]}; }};
      },
      {x, y});
  expect_near_all(r[0], x * y);
  const Tensors g = gradients(ops::sum(r[0]), {x, y});
  expect_near_all(g[0], ops::ones({3}, "float64") * 2);
  expect_near_all(g[1], x);
}

TEST(Control, CustomGradientIsRightWhenReplayedOnOtherTensors) {
  const Tensor a = placeholder({DType::float64, {3}}), b = placeholder({DType::float64, {3}});
  const Tensors r = ops::custom_gradient(
      [](const Tensors& in) {
        return ops::WithGradient{{in[0] * in[1]}, [=](const Tensors& g) { return Tensors{g[0] * in[1] * 3.0, g[0]}; }};
      },
      {a, b});
  const Tensor from[] = {a, b}, to[] = {wave({3}, 1), wave({3}, 2)}, results[] = {r[0]};
  GradientTape tape;
  const Tensor y = replay(from, to, results)[0];
  expect_near_all(y, to[0] * to[1]);
  expect_near_all(gradients(ops::sum(y), to[0]).single(), to[1] * 3.0);
}

TEST(Control, CustomGradientReportsAWrongNumberOfGradients) {
  const Tensor x = wave({3}, 1);
  GradientTape tape;
  const Tensors r = ops::custom_gradient(
      [](const Tensors& in) {
        return ops::WithGradient{in, [](const Tensors&) { return Tensors(); }};
      },
      x);
  EXPECT_ERROR_WITH(ValueError, gradients(ops::sum(r[0]), x),
                    "[custom_gradient] The rule gave 0 gradients. Expected 1");
}

// softmax and log_softmax against keras.ops.
TEST(SoftmaxGolden, EqualsKeras) {
  const golden::File& file = golden::open("ops");
  int seen = 0;
  for (const golden::Json& c : file["cases"]) {
    const std::string op = c.at("op");
    if (op != "softmax" && op != "log_softmax") continue;
    const golden::Json& options = c.at("kwargs");
    if (options.contains("axis") && options.at("axis").is_array()) continue;  // several axes: not offered
    ++seen;
    const Tensor x = file.tensor(c.at("args")[0]);
    Dim axis = -1;
    if (c.at("args").size() > 1) axis = c.at("args")[1].get<Dim>();
    if (options.contains("axis")) axis = options.at("axis").get<Dim>();
    auto run = [&] { return op == "softmax" ? ops::softmax(x, axis) : ops::log_softmax(x, axis); };
    expect_near_all(run(), file.tensor(c.at("output")), {1e-5, 1e-6}, c.at("name"));
    if (!c.contains("gradient")) continue;
    GradientTape tape;
    const Tensor g = gradients(ops::sum(run() * file.tensor(c.at("gradient").at("cotangents")[0])), x).single();
    expect_near_all(g, file.tensor(c.at("gradient").at("inputs")[0]), {1e-5, 1e-6},
                    c.at("name").get<std::string>() + " gradient");
  }
  EXPECT_GE(seen, 4);
}

}  // namespace
}  // namespace kerata
