// Bad arguments of optimizers: the type and the text of the error.
#include "support/errors.h"
#include "kerata/ops/creation.h"
#include "kerata/optimizers/optimizers.h"

namespace kerata {
namespace {

using namespace optimizers;

TEST(OptimizerErrors, SettingsOutOfRange) {
  EXPECT_ERROR(ValueError, SGD({.clipnorm = 1.0, .clipvalue = 1.0}),
               "[Optimizer] Only one of clipnorm, clipvalue and global_clipnorm can be set. Received 2.");
  EXPECT_ERROR(ValueError, Adam({.clipnorm = -1.0}), "[Optimizer] clipnorm must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, Adam({.clipvalue = -1.0}), "[Optimizer] clipvalue must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, Adam({.global_clipnorm = -1.0}),
               "[Optimizer] global_clipnorm must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, Adam({.weight_decay = -1.0}), "[Optimizer] weight_decay must not be negative. Received -1.");
  EXPECT_ERROR(ValueError, Adam({.use_ema = true, .ema_momentum = 1.5}),
               "[Optimizer] ema_momentum must be in [0, 1]. Received 1.5.");
  EXPECT_ERROR(ValueError, Adam({.use_ema = true, .ema_overwrite_frequency = 0}),
               "[Optimizer] ema_overwrite_frequency must be at least 1 or none. Received 0.");
  EXPECT_ERROR(ValueError, Adam({.gradient_accumulation_steps = 1}),
               "[Optimizer] gradient_accumulation_steps must be at least 2 or none. Received 1.");
  EXPECT_ERROR(ValueError, Adam({.loss_scale_factor = 0.0}),
               "[Optimizer] loss_scale_factor must be positive. Received 0.");
  EXPECT_ERROR(ValueError, Adam(-0.5), "[Optimizer] The learning rate must not be negative. Received -0.5.");
}

TEST(OptimizerErrors, OwnOptionsOutOfRange) {
  EXPECT_ERROR(ValueError, SGD({.momentum = 1.5}), "[SGD] momentum must be in [0, 1]. Received 1.5.");
  EXPECT_ERROR(ValueError, RMSprop({.rho = -0.5}), "[RMSprop] rho must be in [0, 1]. Received -0.5.");
  EXPECT_ERROR(ValueError, RMSprop({.momentum = 2}), "[RMSprop] momentum must be in [0, 1]. Received 2.");
  EXPECT_ERROR(ValueError, Adam({.beta_1 = 1}), "[Adam] beta_1 must be in [0, 1). Received 1.");
  EXPECT_ERROR(ValueError, Adam({.beta_2 = -1}), "[Adam] beta_2 must be in [0, 1). Received -1.");
}

TEST(OptimizerErrors, SettingTheRate) {
  SGD plain(0.5);
  EXPECT_ERROR(ValueError, plain.set_learning_rate(-1),
               "[Optimizer] The learning rate must not be negative. Received -1.");
  EXPECT_EQ(plain.learning_rate(), 0.5);
  SGD scheduled(schedules::ExponentialDecay(0.5, 10, 0.5));
  EXPECT_ERROR(
      StateError, scheduled.set_learning_rate(0.1),
      "[sgd] This optimizer was made with a schedule, so its learning rate cannot be set to a number. Hint: make "
      "the optimizer with a number.");
  EXPECT_EQ(scheduled.learning_rate(), 0.5);
}

TEST(OptimizerErrors, ApplyingWhatDoesNotFit) {
  const Variable a("a", Role::trainable, ops::ones({2})), b("b", Role::trainable, ops::ones({3}));
  SGD sgd(0.5);
  EXPECT_ERROR(ValueError, sgd.apply({ops::ones({2})}, {a, b}),
               "[sgd] Expected one gradient per variable (2), received 1.");
  sgd.apply({ops::ones({2})}, {a});
  EXPECT_ERROR(
      ValueError, sgd.apply({ops::ones({3})}, {b}),
      "[sgd] Unknown variable 'b'. This optimizer can only be used for the variables it was first called with. "
      "Hint: make a new optimizer for other variables.");
  EXPECT_ERROR(ShapeError, sgd.apply({ops::ones({1})}, {a}),
               "[sgd] The gradient of 'a' has another shape. Expected (2,), received (1,).");
  EXPECT_ERROR(ValueError, sgd.apply({Tensor()}, {a}), "[sgd] No gradients provided for any variable.");
  EXPECT_EQ(a.value().to_vector<double>(), (std::vector{0.5, 0.5}));  // and usable afterwards
  EXPECT_EQ(b.value().to_vector<double>(), (std::vector{1.0, 1.0, 1.0}));
  sgd.apply({ops::ones({2})}, {a});
  EXPECT_EQ(a.value().to_vector<double>(), (std::vector{0.0, 0.0}));
  EXPECT_EQ(sgd.iterations(), 2);
}

TEST(OptimizerErrors, Schedules) {
  EXPECT_ERROR(ValueError, schedules::ExponentialDecay(0.1, 0, 0.5),
               "[ExponentialDecay] decay_steps must be positive. Received 0.");
  EXPECT_ERROR(ValueError, schedules::InverseTimeDecay(0.1, -1, 0.5),
               "[InverseTimeDecay] decay_steps must be positive. Received -1.");
  const Config fields = Config::Object{};
  EXPECT_ERROR(
      ValueError, Schedule::from_config(Config::Object{{"class_name", "ExponentialDecoy"}, {"config", fields}}),
      "[schedules] Unknown schedule class \"ExponentialDecoy\". Hint: did you mean \"ExponentialDecay\"? Hint: a class "
      "of your own is made known by register_schedule<ExponentialDecoy>(\"package>ExponentialDecoy\").");
}

}  // namespace
}  // namespace kerata
