// Dropout and the dropouts of LSTM: shares, scaling, seeds, gradients, and fresh draws in compiled programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compile/executable.h"
#include "kerata/graph/gradients.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/utils/random_seed.h"
#include "support/compiled_run.h"

namespace kerata {
namespace {

using namespace layers;
using Floats = std::vector<float>;

Floats trained(const AnyLayer& layer, const Tensor& x) { return layer(x, {.training = true}).to_vector<float>(); }

TEST(Dropout, ZeroesAShareAndScalesTheRest) {
  for (const double rate : {0.1, 0.5, 0.8}) {
    const Floats y = trained(Dropout(rate, {.seed = 4}), ops::ones({100, 200}));
    const auto zeros = static_cast<double>(std::count(y.begin(), y.end(), 0.0f));
    EXPECT_NEAR(zeros / 20000, rate, 5 * std::sqrt(rate * (1 - rate) / 20000)) << rate;
    for (float value : y) {
      if (value != 0) {
        ASSERT_NEAR(value, 1 / (1 - rate), 1e-6);
      }
    }
  }
  EXPECT_EQ(trained(Dropout(1), ops::ones({1, 3})), (Floats{0, 0, 0}));
  EXPECT_EQ(trained(Dropout(0), ops::ones({1, 3})), (Floats{1, 1, 1}));
  EXPECT_EQ(Dropout(0.9)(ops::ones({1, 3})).to_vector<float>(), (Floats{1, 1, 1}));  // not training
}

TEST(Dropout, NoiseShapeSharesDraws) {
  const Tensor x = ops::ones({40, 3, 5});
  const std::vector<float> y = trained(Dropout(0.5, {.noise_shape = {-1, 1, 5}, .seed = 1}), x);
  bool differs_elsewhere = false;
  for (std::size_t row = 0; row < 40; ++row)
    for (std::size_t step = 0; step < 3; ++step)
      for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(y[(row * 3 + step) * 5 + i], y[row * 15 + i]);
        differs_elsewhere = differs_elsewhere || y[row * 15 + i] != y[i];
      }
  EXPECT_TRUE(differs_elsewhere);
}

TEST(Dropout, FollowsItsSeedOrTheGlobalOne) {
  const Tensor x = ops::ones({5, 8});
  const Dropout one(0.5, {.seed = 9}), same(0.5, {.seed = 9}), other(0.5, {.seed = 10});
  const Floats first = trained(one, x), second = trained(one, x);
  EXPECT_NE(first, second);
  EXPECT_EQ(trained(same, x), first);
  EXPECT_EQ(trained(same, x), second);
  EXPECT_NE(trained(other, x), first);
  utils::set_random_seed(1);
  const Dropout free(0.5);
  const Floats global = trained(free, x);
  EXPECT_NE(trained(free, x), global);
  utils::set_random_seed(1);
  EXPECT_EQ(trained(free, x), global);
  EXPECT_TRUE(one.weights().empty());  // the seed's state is no weight
}

TEST(Dropout, GradientIsTheSameFactor) {
  const GradientTape tape;
  const Tensor x = ops::full({4, 6}, 3);
  const Tensor y = Dropout(0.5)(x, {.training = true});
  const Floats slope = gradients(ops::sum(y), x).single().to_vector<float>(), value = y.to_vector<float>();
  for (std::size_t i = 0; i < value.size(); ++i) EXPECT_EQ(slope[i], value[i] / 3);
}

/// A compiled training call of `layer`, run with the given random steps.
std::vector<Floats> compiled(const AnyLayer& layer, const Tensor& x, const std::vector<std::uint64_t>& steps) {
  const ExecutablePtr program =
      Executable::compile(trace({{x.dtype(), x.shape()}}, true, [&](const std::vector<Tensor>& placeholders, Scope&) {
        return layer.call_all(Tensors(placeholders)).list();
      }));
  place_variables(*program);
  Workspace workspace;
  const Binding binding = workspace.bind(program);
  std::vector<Floats> results;
  for (std::uint64_t step : steps) {
    std::memcpy(binding.input(0), output_of(x).data(), static_cast<std::size_t>(x.size()) * sizeof(float));
    if (program->is_random()) binding.set_random_state(42, step);
    binding.run();
    const auto* values = static_cast<const float*>(binding.output(0));
    results.emplace_back(values, values + program->output_type(0).shape.size());
  }
  return results;
}

TEST(Dropout, DrawsAnewInEachCompiledStep) {
  const Tensor x = ops::ones({5, 8});
  const std::vector<Floats> runs = compiled(Dropout(0.5), x, {0, 1, 0});
  EXPECT_NE(runs[0], runs[1]);
  EXPECT_EQ(runs[0], runs[2]);
  const std::vector<Floats> seeded = compiled(Dropout(0.5, {.seed = 9}), x, {0, 0});
  EXPECT_NE(seeded[0], seeded[1]);
  const Dropout eager(0.5, {.seed = 9});
  EXPECT_EQ(trained(eager, x), seeded[0]);  // the same stream as op by op
  EXPECT_EQ(trained(eager, x), seeded[1]);
}

TEST(Dropout, OfTwoLayersAreIndependent) {
  const Tensor x = ops::ones({5, 8});
  utils::set_random_seed(3);
  EXPECT_NE(trained(Dropout(0.5), x), trained(Dropout(0.5), x));
}

TEST(LstmDropout, ActsInTrainingOnly) {
  const Tensor x = ops::ones({6, 4, 5});
  for (const LSTM::Options& options : std::vector<LSTM::Options>{{.dropout = 0.5},
                                                                 {.recurrent_dropout = 0.5},
                                                                 {.dropout = 0.5, .recurrent_dropout = 0.5},
                                                                 {.dropout = 0.5, .unroll = true}}) {
    const LSTM lstm(3, options);
    const Floats inference = lstm(x).to_vector<float>();
    EXPECT_EQ(lstm(x).to_vector<float>(), inference);
    const Floats first = trained(lstm, x);
    EXPECT_NE(first, inference);
    EXPECT_NE(trained(lstm, x), first);
  }
}

// One draw for all steps: with kernels of ones and no recurrence each step sees the same inputs dropped.
TEST(LstmDropout, IsTheSameAtEachStep) {
  const LSTM lstm(1, {.kernel_initializer = "ones",
                      .recurrent_initializer = "zeros",
                      .unit_forget_bias = false,
                      .dropout = 0.5,
                      .seed = 2,
                      .return_sequences = true,
                      .return_state = true});
  const Tensor x = ops::ones({8, 3, 4});
  const Tensors y = lstm.call_all(x, {.training = true});
  const Tensor one_step = LSTM(1, {.kernel_initializer = "ones",
                                   .recurrent_initializer = "zeros",
                                   .unit_forget_bias = false,
                                   .dropout = 0.5,
                                   .seed = 2})(x.slice({.axis = 1, .stop = 1}), {.training = true});
  const Floats first = y[0].slice({.axis = 1, .stop = 1}).to_vector<float>();
  EXPECT_EQ(first, one_step.to_vector<float>());
  // c grows by the same i * g at each step: c3 = i g (1 + f + f f) with f = i.
  const Floats c = y[2].to_vector<float>();
  for (std::size_t row = 0; row < 8; ++row) {
    const double o_times_tanh = first[row];
    double sum = 0;  // the sum of kept, scaled inputs is the preactivation of all gates: 0, 2, 4, 6 or 8
    for (double candidate : {0.0, 2.0, 4.0, 6.0, 8.0}) {
      const double gate = 1 / (1 + std::exp(-candidate)), cell = gate * std::tanh(candidate);
      if (std::abs(gate * std::tanh(cell) - o_times_tanh) < 1e-5) sum = candidate;
    }
    const double gate = 1 / (1 + std::exp(-sum)), cell = gate * std::tanh(sum);
    EXPECT_NEAR(c[row], cell * (1 + gate + gate * gate), 1e-5);
  }
}

}  // namespace
}  // namespace kerata
