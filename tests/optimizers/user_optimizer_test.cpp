// Optimizers of the user's own: update_step() in terms of ops, slots made at the first use.
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/optimizers/optimizers.h"
#include "support/compiled_run.h"
#include "support/errors.h"

namespace kerata {
namespace {

// w -= rate * sign(m), m = 0.5 m + g.
class SignDescent : public Optimizer {
 public:
  explicit SignDescent(const LearningRate& rate, const OptimizerSettings& settings = {.name = "sign"})
      : Optimizer(rate, settings) {}

 protected:
  void update_step(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate,
                   const UpdateContext& context) const override {
    const Variable memory = slot(variable, "memory");
    const Tensor m = 0.5 * memory + gradient;
    context.update(memory, m);
    context.update(variable, variable - learning_rate * ops::sign(m));
  }
};

// Descent by 1 / (steps done + 1).
class Counting : public Optimizer {
 public:
  Counting() : Optimizer(1.0) {}

 protected:
  void update_step(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate,
                   const UpdateContext& context) const override {
    context.update(variable, variable - learning_rate * gradient / (iteration().cast("float32") + 1));
  }
};

class WrongShape : public Optimizer {
 public:
  WrongShape() : Optimizer(1.0) {}

 protected:
  void update_step(const Tensor&, const Variable& variable, const Tensor&,
                   const UpdateContext& context) const override {
    context.update(variable, ops::zeros({7}));
  }
};

Variable zeros(const std::string& name) { return Variable(name, Role::trainable, ops::zeros({2})); }

std::vector<double> steps(Optimizer& optimizer, bool compiled, const std::vector<std::vector<double>>& gradients) {
  const Variable v = zeros("v");
  const Tensor like = ops::zeros({2});
  optimizer.build({v});
  auto step = [&](const Tensor& g) {
    optimizer.apply(g, {v});
    return std::vector<Tensor>();
  };
  std::unique_ptr<CompiledRun> run;
  if (compiled)
    run = std::make_unique<CompiledRun>(std::vector{like}, true,
                                        [&](const std::vector<Tensor>& x, Scope&) { return step(x[0]); });
  std::vector<double> seen;
  for (const auto& values : gradients) {
    const Tensor g = ops::array(values).cast("float32");
    if (compiled)
      (*run)({g});
    else
      step(g);
    for (const double x : v.value().to_vector<double>()) seen.push_back(x);
  }
  return seen;
}

TEST(UserOptimizer, EagerAndCompiled) {
  for (const bool compiled : {false, true}) {
    SCOPED_TRACE(compiled);
    SignDescent optimizer(0.5);
    EXPECT_EQ(steps(optimizer, compiled, {{1, -3}, {-0.25, 1}, {0, 0.5}}),
              (std::vector<double>{-0.5, 0.5, -1, 1, -1.5, 0.5}));
    EXPECT_EQ(optimizer.name(), "sign");
    EXPECT_EQ(optimizer.iterations(), 3);
    const std::vector<Variable> state = optimizer.variables();
    ASSERT_EQ(state.size(), 3u);
    EXPECT_EQ(state[2].path(), "sign/v_memory");
    EXPECT_EQ(state[2].value().to_vector<double>(), (std::vector{0.125, 0.25}));
  }
}

TEST(UserOptimizer, SeesTheStep) {
  for (const bool compiled : {false, true}) {
    Counting optimizer;
    EXPECT_EQ(optimizer.name(), "optimizer");
    EXPECT_EQ(steps(optimizer, compiled, {{1, 2}, {1, 2}, {3, 6}}), (std::vector<double>{-1, -2, -1.5, -3, -2.5, -5}));
  }
}

// The settings work for it without its doing anything.
TEST(UserOptimizer, SettingsApplyToIt) {
  for (const bool compiled : {false, true}) {
    SCOPED_TRACE(compiled);
    SignDescent optimizer(0.5, {.gradient_accumulation_steps = 2, .name = "sign"});
    EXPECT_EQ(steps(optimizer, compiled, {{1, 1}, {1, -3}, {0, 0}, {-8, 0}}),
              (std::vector<double>{0, 0, -0.5, 0.5, -0.5, 0.5, 0, 1}));
    EXPECT_EQ(optimizer.iterations(), 2);
    SignDescent decayed(0.5, {.weight_decay = 1.0});
    EXPECT_EQ(steps(decayed, compiled, {{1, -1}, {1, -1}}), (std::vector<double>{-0.5, 0.5, -0.75, 0.75}));
  }
}

TEST(UserOptimizer, WorksAsAnOption) {
  const AnyOptimizer any = SignDescent(0.25);
  const Variable v = zeros("v");
  any->apply(ops::ones({2}), {v});
  EXPECT_EQ(v.value().to_vector<double>(), (std::vector{-0.25, -0.25}));
}

TEST(UserOptimizer, Errors) {
  const Variable v = zeros("v");
  EXPECT_ERROR(ShapeError, WrongShape().apply(ops::ones({2}), {v}),
               "[UpdateContext.update] 'v' has another shape. Expected (2,), received (7,).");
  EXPECT_EQ(v.value().to_vector<double>(), (std::vector{0.0, 0.0}));
  EXPECT_ERROR(
      StateError, SignDescent(1).to_config(),
      "[sign] The class SignDescent does not say what its config holds. Hint: override get_config(), and make the "
      "class known by register_optimizer<SignDescent>(\"package>SignDescent\").");
}

}  // namespace
}  // namespace kerata
