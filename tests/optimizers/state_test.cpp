// The state of optimizers: the rate, the counter and the slots.
#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "kerata/optimizers/optimizers.h"
#include "support/compiled_run.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace optimizers;

Variable zeros(const std::string& name, const Shape& shape = {1}) {
  return Variable(name, Role::trainable, ops::zeros(shape));
}

TEST(OptimizerState, RateChangesWithoutANewTrace) {
  const Variable v = zeros("v");
  SGD sgd(0.5);
  const Tensor one = ops::ones({1});
  sgd.build({v});
  int traces = 0;
  CompiledRun run({one}, true, [&](const std::vector<Tensor>& x, Scope&) {
    ++traces;
    sgd.apply(x[0], {v});
    return std::vector<Tensor>();
  });
  run({one});
  sgd.set_learning_rate(0.25);
  run({one});
  sgd.variables().at(1).assign(ops::full({}, 2));  // the rate is a variable
  run({one});
  EXPECT_EQ(sgd.learning_rate(), 2);
  EXPECT_EQ(v.value().item(), -2.75);
  EXPECT_EQ(sgd.iterations(), 3);
  EXPECT_EQ(traces, 1);
}

// Adam's bias correction counts the steps of this optimizer, so a new one starts anew.
TEST(OptimizerState, OneVariableInTwoOptimizers) {
  const Variable v = zeros("v");
  SGD first({.learning_rate = 1, .momentum = 0.5}), second({.learning_rate = 1, .momentum = 0.5});
  first.apply(ops::ones({1}), {v});   // v = -1, velocity -1
  second.apply(ops::ones({1}), {v});  // its own velocity: -1
  EXPECT_EQ(v.value().item(), -2);
  first.apply(ops::zeros({1}), {v});  // velocity -0.5
  EXPECT_EQ(v.value().item(), -2.5);
  EXPECT_EQ(first.iterations(), 2);
  EXPECT_EQ(second.iterations(), 1);
  EXPECT_EQ(first.variables().at(2).value().item(), -0.5);
  EXPECT_EQ(second.variables().at(2).value().item(), -1);
}

// Slots belong to the variable itself, not to its name.
TEST(OptimizerState, VariablesOfOneNameHaveSlotsOfTheirOwn) {
  const Variable a = zeros("w"), b = zeros("w");
  SGD sgd({.learning_rate = 1, .momentum = 0.5});
  sgd.apply({ops::full({1}, 1), ops::full({1}, 10)}, {a, b});
  sgd.apply({ops::zeros({1}), ops::zeros({1})}, {b, a});  // in another order
  EXPECT_EQ(a.value().item(), -1.5);
  EXPECT_EQ(b.value().item(), -15);
  EXPECT_EQ(sgd.variables().size(), 4u);
}

// A compiled step takes an embedding's gradient by rows and remembers which rows no sample has named yet; what others
// write into the slots in between counts all the same. The eager steps have the dense gradient.
TEST(OptimizerState, RowsOfAnEmbeddingMoveAsWithADenseGradient) {
  const Variable table("table", Role::trainable, ops::ones({40, 16})),
      twin("twin", Role::trainable, ops::ones({40, 16}));
  Adam compiled(0.5), eager(0.5);
  compiled.build({table});
  const auto loss = [](const Tensor& weights, const Tensor& rows) {
    return ops::sum(ops::square(ops::take(weights, rows, 0)));
  };
  CompiledRun run({ops::array({0, 0, 0}).cast("int32")}, true, [&](const std::vector<Tensor>& x, Scope&) {
    compiled.apply(gradients(loss(table, x[0]), table), {table});
    return std::vector<Tensor>();
  });
  const auto step = [&](const Tensor& rows) {
    run({rows});
    GradientTape tape;
    eager.apply(gradients(loss(twin, rows), twin), {twin});
  };
  const auto row = [&](Dim i) { return table.value().slice({.start = i, .stop = i + 1}).to_vector<float>(); };
  step(ops::array({1, 39, 1}).cast("int32"));
  step(ops::array({7, -1, 2}).cast("int32"));
  EXPECT_EQ(row(5), std::vector<float>(16, 1.0f));
  for (const Adam* optimizer : {&compiled, &eager}) {
    std::vector<float> momentum = optimizer->variables().at(2).value().to_vector<float>();
    ASSERT_EQ(momentum.size(), 640u);
    momentum[5 * 16] = 1;
    optimizer->variables().at(2).assign(Tensor::from_span<float>(momentum, {40, 16}));
  }
  step(ops::array({1, 8, 2}).cast("int32"));
  EXPECT_NE(row(5)[0], 1.0f);
  step(ops::array({6, 5, 9}).cast("int32"));
  step(ops::array({6, 3, 9}).cast("int32"));
  if (Device::default_device().is_cpu())
    EXPECT_EQ(table.value().to_vector<float>(), twin.value().to_vector<float>());
  else  // the twin stays on the CPU
    golden::expect_near_all(table.value().to(Device::cpu()), twin.value(), {1e-6, 1e-6});
}

TEST(OptimizerState, AVariableWithoutGradientStays) {
  const Variable a = zeros("a"), b = zeros("b");
  Adam adam(0.5);
  adam.apply({ops::ones({1}), Tensor()}, {a, b});
  EXPECT_NE(a.value().item(), 0);
  EXPECT_EQ(b.value().item(), 0);
  const std::vector<Variable> state = adam.variables();
  ASSERT_EQ(state.size(), 6u);
  EXPECT_EQ(state[4].path(), "adam/b_momentum");
  EXPECT_EQ(state[4].value().item(), 0);
}

TEST(OptimizerState, CopiesShareIt) {
  const Variable v = zeros("v");
  SGD one(0.5);
  SGD two = one;
  const AnyOptimizer any = one;
  one.apply(ops::ones({1}), {v});
  two.set_learning_rate(0.25);
  EXPECT_EQ(two.iterations(), 1);
  EXPECT_EQ(any->iterations(), 1);
  EXPECT_EQ(one.learning_rate(), 0.25);
  EXPECT_EQ(any->learning_rate(), 0.25);
}

TEST(OptimizerState, ANameIsANewOptimizerEachTime) {
  const auto one = Optimizer::from_name("sgd"), two = Optimizer::from_name("sgd");
  one->set_learning_rate(0.5);
  EXPECT_NE(two->learning_rate(), 0.5);
}

TEST(OptimizerState, RolesAndPathsOfVariables) {
  const Variable kernel("dense/kernel", Role::trainable, ops::zeros({2, 3}));
  Adam adam({.amsgrad = true, .name = "mine"});
  adam.build({kernel});
  std::vector<std::string> paths;
  for (const Variable& v : adam.variables()) {
    paths.push_back(v.path());
    EXPECT_EQ(v.role(), Role::optimizer_slot);
    EXPECT_FALSE(v.trainable());
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"mine/iteration", "mine/learning_rate", "mine/dense_kernel_momentum",
                                             "mine/dense_kernel_velocity", "mine/dense_kernel_velocity_hat"}));
  adam.build({kernel});  // a second time does nothing
  EXPECT_EQ(adam.variables().size(), 5u);
}

TEST(OptimizerState, VariablesOfTwoTypesTogether) {
  const Variable narrow = zeros("narrow"), wide("wide", Role::trainable, ops::zeros({1}, "float64"));
  for (const AnyOptimizer& optimizer : {AnyOptimizer(SGD(0.5)), AnyOptimizer(RMSprop(0.5)), AnyOptimizer(Adam(0.5))}) {
    narrow.assign(ops::zeros({1}));
    wide.assign(ops::zeros({1}));
    optimizer->apply({ops::full({1}, 0.1), ops::full({1}, 0.1, "float64")}, {narrow, wide});
    EXPECT_EQ(wide.value().dtype(), DType::float64);
    EXPECT_LT(wide.value().item(), 0);
    EXPECT_NEAR(narrow.value().item(), wide.value().item(), 1e-6);
  }
}

// A parabola falls to its lowest point with every optimizer, by eager steps and by one program.
TEST(OptimizerState, DescendsAParabola) {
  for (const AnyOptimizer& optimizer : {AnyOptimizer(SGD({.learning_rate = 0.1, .momentum = 0.5})),
                                        AnyOptimizer(RMSprop(0.05)), AnyOptimizer(Adam(0.1))}) {
    SCOPED_TRACE(optimizer->name());
    const Variable v("v", Role::trainable, ops::array({4.0, -3.0}));
    optimizer->build({v});
    CompiledRun run({}, true, [&](const std::vector<Tensor>&, Scope&) {
      const Tensor loss = ops::sum(ops::square(v - ops::array({1.0, 2.0})));
      optimizer->apply(gradients(loss, v), {v});
      return std::vector{loss};
    });
    double loss = 0;
    for (int i = 0; i < 500; ++i) loss = run({})[0].item();
    EXPECT_LT(loss, 1e-2);
  }
}

}  // namespace
}  // namespace kerata
