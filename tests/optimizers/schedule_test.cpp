// Schedules: their values, within eager and compiled steps, and their configs.
#include <cmath>

#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/optimizers/optimizers.h"
#include "optimizers/optimizer_access.h"
#include "support/compiled_run.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace optimizers;
using schedules::ExponentialDecay;
using schedules::InverseTimeDecay;

// Steps 0, 1, 2: 1, 1/2, 1/4 and then 0.
class Halving : public Schedule {
 public:
  Tensor call(const Tensor& step) const override { return ops::where(ops::less(step, 3), ops::power(0.5, step), 0.0); }
};

TEST(Schedule, ValuesAreTheFormulas) {
  const ExponentialDecay smooth(0.1, 4, 0.5), stairs(0.1, 4, 0.5, {.staircase = true});
  const InverseTimeDecay inverse(0.1, 4, 0.5), steps(0.1, 4, 0.5, {.staircase = true});
  for (const Dim step : {0, 1, 3, 4, 7, 8, 1000}) {
    const double p = static_cast<double>(step) / 4;
    EXPECT_NEAR(smooth(step), 0.1 * std::pow(0.5, p), 1e-8) << step;
    EXPECT_NEAR(stairs(step), 0.1 * std::pow(0.5, std::floor(p)), 1e-8) << step;
    EXPECT_NEAR(inverse(step), 0.1 / (1 + 0.5 * p), 1e-8) << step;
    EXPECT_NEAR(steps(step), 0.1 / (1 + 0.5 * std::floor(p)), 1e-8) << step;
  }
}

// With gradient 1, plain descent moves by the rate: the rate of step k is the schedule at k, counted from 0.
template <class S>
void expect_followed(const S& schedule) {
  SGD eager(schedule), compiled(schedule);
  const Variable a("a", Role::trainable, ops::zeros({1})), b("b", Role::trainable, ops::zeros({1}));
  const Tensor one = ops::ones({1});
  compiled.build({b});
  CompiledRun run({one}, true, [&](const std::vector<Tensor>& x, Scope&) {
    compiled.apply(x[0], {b});
    return std::vector<Tensor>();
  });
  double expected = 0;
  for (Dim step = 0; step < 6; ++step) {
    EXPECT_NEAR(eager.learning_rate(), schedule(step), 1e-8);
    expected -= schedule(step);
    eager.apply(one, {a});
    run({one});
    EXPECT_NEAR(a.value().item(), expected, 1e-6) << step;
    EXPECT_NEAR(b.value().item(), expected, 1e-6) << step;
  }
  EXPECT_EQ(eager.variables().size(), 1u);  // the iteration: with a schedule there is no variable of the rate
}

TEST(Schedule, DrivesEagerAndCompiledSteps) {
  expect_followed(ExponentialDecay(0.5, 2, 0.5, {.staircase = true}));
  expect_followed(InverseTimeDecay(0.5, 2, 0.5));
  expect_followed(Halving());
}

TEST(Schedule, CanReplaceANumber) {
  SGD sgd(0.5);
  const std::uint64_t version = OptimizerAccess::state(sgd).version;
  sgd.set_learning_rate(0.125);
  EXPECT_EQ(OptimizerAccess::state(sgd).version, version);
  sgd.set_learning_rate(ExponentialDecay(0.25, 1, 0.5));
  EXPECT_GT(OptimizerAccess::state(sgd).version, version);  // compiled steps are traced anew
  const Variable v("v", Role::trainable, ops::zeros({1}));
  sgd.apply(ops::ones({1}), {v});
  EXPECT_EQ(v.value().item(), -0.25);
  EXPECT_EQ(sgd.learning_rate(), 0.125);
}

TEST(Schedule, ConfigsRoundTrip) {
  const ExponentialDecay decay(0.1, 40, 0.5, {.staircase = true, .name = "mine"});
  EXPECT_EQ(to_string(*decay.to_config().find("config")),
            "{\"initial_learning_rate\": 0.1, \"decay_steps\": 40, \"decay_rate\": 0.5, \"staircase\": true, "
            "\"name\": \"mine\"}");
  for (const Config& written : {decay.to_config(), InverseTimeDecay(0.1, 7, 0.25, {.staircase = true}).to_config()}) {
    const auto again = Schedule::from_config(written);
    EXPECT_EQ(to_string(again->to_config()), to_string(written));
  }
  const Adam adam(decay);
  const auto again = Optimizer::from_config(adam.to_config());
  EXPECT_EQ(to_string(again->to_config()), to_string(adam.to_config()));
  EXPECT_NEAR(again->learning_rate(), 0.1, 1e-8);
}

TEST(Schedule, OfTheUsersOwnHasNoConfig) {
  EXPECT_ERROR(
      StateError, Halving().to_config(),
      "[Schedule] The class Halving does not say what its config holds. Hint: override get_config(), and make the "
      "class known by register_schedule<Halving>(\"package>Halving\").");
  EXPECT_THROW(static_cast<void>(SGD(Halving()).to_config()), StateError);
}

}  // namespace
}  // namespace kerata
