// What every optimizer can do beside its rule: each setting changes what it says, and nothing else.
#include <cmath>

#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/optimizers/optimizers.h"
#include "support/compiled_run.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace optimizers;
using Numbers = std::vector<double>;

Variable variable(const Values& values) { return Variable("v", Role::trainable, ops::array(values)); }
Numbers numbers(const Variable& v) { return v.value().to_vector<double>(); }

TEST(OptimizerSettings, ClippingOfEachKind) {
  const Tensor three_four = ops::array({3.0, 4.0}), small = ops::array({0.3, 0.4});
  auto step = [](const SGD::Options& options, const std::vector<Tensor>& gradients) {
    SGD sgd(options);
    std::vector<Variable> variables;
    for (std::size_t i = 0; i < gradients.size(); ++i) variables.push_back(variable({0.0, 0.0}));
    sgd.apply(gradients, variables);
    Numbers moved;
    for (const Variable& v : variables)
      for (const double x : numbers(v)) moved.push_back(-x);
    return moved;
  };
  const golden::Tolerance exact{1e-6, 0};
  golden::expect_near_all(step({.learning_rate = 1, .clipnorm = 1.0}, {three_four, small}), {0.6, 0.8, 0.3, 0.4},
                          exact);
  golden::expect_near_all(step({.learning_rate = 1, .clipvalue = 3.5}, {three_four, small}), {3, 3.5, 0.3, 0.4}, exact);
  const double scale = 1 / std::sqrt(25.25);
  golden::expect_near_all(step({.learning_rate = 1, .global_clipnorm = 1.0}, {three_four, small}),
                          {3 * scale, 4 * scale, 0.3 * scale, 0.4 * scale}, exact);
  golden::expect_near_all(step({.learning_rate = 1, .global_clipnorm = 100.0}, {three_four, small}), {3, 4, 0.3, 0.4},
                          exact);
  // A gradient that is all zero stays so.
  EXPECT_EQ(step({.learning_rate = 1, .clipnorm = 1.0}, {ops::zeros({2})}), (Numbers{0, 0}));
}

// As in Keras: one gradient that is not finite makes all NaN, rather than silently zero.
TEST(OptimizerSettings, GlobalClipOfAnInfiniteGradientIsNaN) {
  const Variable a = variable({0.0}), b = variable({0.0});
  SGD sgd({.learning_rate = 1, .global_clipnorm = 1.0});
  sgd.apply({ops::ones({1}) / ops::zeros({1}), ops::ones({1})}, {a, b});
  EXPECT_TRUE(std::isnan(a.value().item()));
  EXPECT_TRUE(std::isnan(b.value().item()));
}

TEST(OptimizerSettings, WeightDecayIsDecoupled) {
  const Variable v = variable({2.0, 0.0});
  SGD sgd({.learning_rate = 0.5, .weight_decay = 0.25});
  sgd.apply(ops::array({1.0, 1.0}), {v});
  EXPECT_EQ(numbers(v), (Numbers{2 - 2 * 0.5 * 0.25 - 0.5, -0.5}));
}

TEST(OptimizerSettings, AccumulationAveragesARoundAndCountsUpdates) {
  const Variable v = variable({0.0});
  SGD sgd({.learning_rate = 1, .momentum = 0.5, .gradient_accumulation_steps = 3});
  Numbers seen;
  for (const double g : {1.0, 2.0, 6.0, 3.0, 3.0, 3.0}) {
    sgd.apply(ops::full({1}, g), {v});
    seen.push_back(v.value().item());
  }
  EXPECT_EQ(seen, (Numbers{0, 0, -3, -3, -3, -7.5}));  // the velocity moves once a round: -3, then 0.5 * -3 - 3
  EXPECT_EQ(sgd.iterations(), 2);
  EXPECT_EQ(sgd.variables().at(0).value().item<std::int64_t>(), 6);
}

TEST(OptimizerSettings, MovingAverageIsKeptApartUntilTheEnd) {
  const Variable v = variable({0.0});
  SGD sgd({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5});
  for (int i = 0; i < 3; ++i) sgd.apply(ops::ones({1}), {v});
  EXPECT_EQ(v.value().item(), -3);
  sgd.finalize_variable_values({v});
  EXPECT_EQ(v.value().item(), 0.5 * (0.5 * -1 + 0.5 * -2) + 0.5 * -3);  // the first value is taken as it is
}

TEST(OptimizerSettings, OverwriteFrequencyPutsTheAverageInPlace) {
  const Variable v = variable({0.0});
  SGD sgd({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2});
  Numbers seen;
  for (int i = 0; i < 4; ++i) {
    sgd.apply(ops::ones({1}), {v});
    seen.push_back(v.value().item());
  }
  EXPECT_EQ(seen, (Numbers{-1, -1.5, -2.5, -2.75}));
}

// scale_loss() before gradients(), the division in apply(): together they cancel out.
TEST(OptimizerSettings, LossScaleCancelsOut) {
  const Variable plain = variable({3.0}), scaled = variable({3.0});
  SGD one({.learning_rate = 0.25}), two({.learning_rate = 0.25, .loss_scale_factor = 1024.0});
  const GradientTape tape;
  auto loss = [](const Variable& v) { return ops::sum(ops::square(Tensor(v))); };
  EXPECT_EQ(two.scale_loss(loss(scaled)).item(), 9 * 1024);
  EXPECT_EQ(one.scale_loss(loss(plain)).item(), 9);
  one.apply(gradients(one.scale_loss(loss(plain)), plain), {plain});
  two.apply(gradients(two.scale_loss(loss(scaled)), scaled), {scaled});
  EXPECT_EQ(plain.value().item(), 1.5);
  EXPECT_EQ(scaled.value().item(), 1.5);
}

// All of them at once, with every rule: eager and compiled agree over seven steps, two of which end a round.
TEST(OptimizerSettings, AllTogetherEagerAndCompiledAgree) {
  auto make = [](int kind) -> AnyOptimizer {
    if (kind == 0)
      return SGD({.learning_rate = 0.1,
                  .momentum = 0.9,
                  .nesterov = true,
                  .weight_decay = 0.01,
                  .clipnorm = 0.5,
                  .use_ema = true,
                  .ema_momentum = 0.5,
                  .ema_overwrite_frequency = 2,
                  .loss_scale_factor = 2.0,
                  .gradient_accumulation_steps = 3});
    if (kind == 1)
      return RMSprop({.learning_rate = 0.1,
                      .momentum = 0.5,
                      .centered = true,
                      .weight_decay = 0.01,
                      .clipvalue = 0.5,
                      .use_ema = true,
                      .loss_scale_factor = 2.0,
                      .gradient_accumulation_steps = 3});
    return Adam({.learning_rate = 0.1,
                 .amsgrad = true,
                 .weight_decay = 0.01,
                 .global_clipnorm = 0.5,
                 .use_ema = true,
                 .loss_scale_factor = 2.0,
                 .gradient_accumulation_steps = 3});
  };
  for (int kind = 0; kind < 3; ++kind) {
    SCOPED_TRACE(kind);
    const AnyOptimizer eager = make(kind), compiled = make(kind);
    const std::vector<Variable> a = {variable({1.0, -2.0}), variable({{0.5, 1.0}, {2.0, 3.0}})};
    const std::vector<Variable> b = {variable({1.0, -2.0}), variable({{0.5, 1.0}, {2.0, 3.0}})};
    auto slopes = [](double i) {
      return std::vector{ops::sin(ops::array({1.0, 2.0}) * i), ops::cos(ops::array({{1.0, 2.0}, {3.0, 4.0}}) * i)};
    };
    compiled->build(b);
    CompiledRun run(slopes(0), true, [&](const std::vector<Tensor>& x, Scope&) {
      compiled->apply(x, b);
      return std::vector<Tensor>();
    });
    for (int i = 1; i <= 7; ++i) {
      eager->apply(slopes(i), a);
      run(slopes(i));
      for (std::size_t k = 0; k < a.size(); ++k) golden::expect_near_all(b[k].value(), a[k].value(), {1e-6, 1e-7});
    }
    EXPECT_EQ(eager->iterations(), 2);
    const auto state_a = eager->variables(), state_b = compiled->variables();
    ASSERT_EQ(state_a.size(), state_b.size());
    for (std::size_t k = 0; k < state_a.size(); ++k)
      golden::expect_near_all(state_b[k].value(), state_a[k].value(), {1e-6, 1e-7}, state_a[k].path());
  }
}

}  // namespace
}  // namespace kerata
