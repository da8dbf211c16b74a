#include "compile/executable.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "backend/buffer.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

using Body = Function<std::vector<Tensor>(const std::vector<Tensor>&, Scope&)>;

std::vector<float> run(const ExecutablePtr& executable, const std::vector<Tensor>& inputs, std::size_t output = 0) {
  Workspace workspace;
  const Binding binding = workspace.bind(executable);
  for (std::size_t i = 0; i < inputs.size(); ++i) binding.set_input(i, inputs[i].data<float>().data());
  binding.run();
  const float* first = static_cast<const float*>(binding.output(output));
  return std::vector<float>(first, first + executable->output_type(output).shape.size());
}

// A small network with its gradients: what a training step is made of.
std::vector<Tensor> network(const std::vector<Tensor>& x, Scope&) {
  Tensor h = ops::relu(ops::matmul(x[0], x[1]) + x[2]);
  h = ops::tanh(ops::matmul(h, ops::transpose(x[1])) * 0.5) + x[0];
  const Tensor p = ops::softmax(h), loss = ops::mean(ops::square(p - ops::sigmoid(x[0])));
  const Tensors grads = gradients(loss, {x[1], x[2]});
  return {loss, p, grads[0], grads[1]};
}
const std::vector<ValueType> kNetworkTypes = {
    {DType::float32, {5, 7}}, {DType::float32, {7, 9}}, {DType::float32, {9}}};

TEST(Executable, EveryCombinationOfPassesGivesTheSameResults) {
  const std::vector<Tensor> inputs = {random::normal({5, 7}), random::normal({7, 9}), random::normal({9})};
  const TracedFunction traced = trace(kNetworkTypes, false, network);
  CompileSettings off{false, false, false, false, false, false};
  const ExecutablePtr plain = Executable::compile(traced, off);
  for (int bits = 1; bits < 64; ++bits) {
    const CompileSettings settings{bool(bits & 1), bool(bits & 2),  bool(bits & 4),
                                   bool(bits & 8), bool(bits & 16), bool(bits & 32)};
    const ExecutablePtr compiled = Executable::compile(traced, settings);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::vector<float> expected = run(plain, inputs, i), actual = run(compiled, inputs, i);
      for (std::size_t k = 0; k < expected.size(); ++k)
        ASSERT_NEAR(actual[k], expected[k], 2e-6) << bits << ' ' << i << ' ' << k;
    }
  }
  const ExecutablePtr full = Executable::compile(traced);
  EXPECT_LT(full->report().kernels, plain->report().kernels);
  EXPECT_LT(full->report().arena_bytes, plain->report().arena_bytes);
  EXPECT_GT(full->report().fused_chains, 0u);
}

TEST(Executable, AgreesWithEagerCode) {
  const std::vector<Tensor> inputs = {random::normal({5, 7}), random::normal({7, 9}), random::normal({9})};
  const ExecutablePtr compiled = Executable::compile(trace(kNetworkTypes, false, network));
  const GradientTape tape;
  Scope scope(Mode::eager, false);
  const std::vector<Tensor> eager = network(inputs, scope);
  for (std::size_t i = 0; i < eager.size(); ++i) {
    const std::vector<float> expected = eager[i].to_vector<float>(), actual = run(compiled, inputs, i);
    for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(actual[k], expected[k], 2e-6) << i << ' ' << k;
  }
}

TEST(Executable, WritesVariablesAndSeesThemChanged) {
  const Variable v("v", Role::trainable, ops::array({1.0, 2.0}));
  const ExecutablePtr step =
      Executable::compile(trace({{DType::float32, {2}}}, true, [&](const std::vector<Tensor>& x, Scope& scope) {
        scope.update(v, v + x[0]);
        return std::vector{ops::sum(Tensor(v))};
      }));
  const Tensor one = ops::ones({2});
  EXPECT_EQ(run(step, {one})[0], 5);
  EXPECT_EQ(v.value().to_vector<float>(), (std::vector<float>{2, 3}));
  v.assign(ops::array({10.0, 10.0}));
  EXPECT_EQ(run(step, {one})[0], 22);
}

TEST(Executable, SwapsVariablesWithoutLosingOne) {
  const Variable a("a", Role::non_trainable, ops::array({1.0})), b("b", Role::non_trainable, ops::array({2.0}));
  const ExecutablePtr swap = Executable::compile(trace({}, false, [&](const std::vector<Tensor>&, Scope& scope) {
    const Tensor old_a = a, old_b = b;
    scope.update(a, old_b);
    scope.update(b, old_a);
    return std::vector{old_a};
  }));
  EXPECT_EQ(run(swap, {})[0], 1);
  EXPECT_EQ(a.value().item(), 2);
  EXPECT_EQ(b.value().item(), 1);
}

TEST(Executable, GivesTheOldContentThatAnUpdateWasMadeOf) {
  const Variable v("v", Role::non_trainable, ops::array({5.0, 7.0}));
  const ExecutablePtr step = Executable::compile(trace({}, false, [&](const std::vector<Tensor>&, Scope& scope) {
    const Tensor old = v;
    scope.update(v, old + 1);
    return std::vector{old};
  }));
  EXPECT_EQ(run(step, {}), (std::vector<float>{5, 7}));
  EXPECT_EQ(run(step, {}), (std::vector<float>{6, 8}));
  EXPECT_EQ(v.value().to_vector<float>(), (std::vector<float>{7, 9}));
}

// The old content is read after the new one is there, so the new one waits in the arena until the end.
TEST(Executable, AnUpdateKeepsItsMemoryUntilItsVariableIsFree) {
  const Variable v("v", Role::trainable, ops::ones({4}));
  const ExecutablePtr step =
      Executable::compile(trace({{DType::float32, {4}}}, true, [&](const std::vector<Tensor>& x, Scope& scope) {
        const Tensor old = v, next = ops::cumsum(v + x[0]);
        scope.update(v, next);
        return std::vector{ops::cumsum(ops::cumsum(old + next))};
      }));
  EXPECT_EQ(run(step, {ops::ones({4})}), (std::vector<float>{3, 11, 26, 50}));
  EXPECT_EQ(v.value().to_vector<float>(), (std::vector<float>{2, 4, 6, 8}));
}

TEST(Executable, AllocatesNothingOnceBound) {
  const ExecutablePtr compiled = Executable::compile(trace(kNetworkTypes, false, network));
  Workspace workspace;
  const Binding binding = workspace.bind(compiled);
  std::memset(binding.input(0), 0, bytes_of(compiled->input_type(0)));
  const std::uint64_t before = buffer_allocations();
  for (int i = 0; i < 100; ++i) workspace.bind(compiled).run();
  EXPECT_EQ(buffer_allocations(), before);
}

TEST(Executable, RunsInSeveralThreadsAtOnce) {
  const std::vector<Tensor> inputs = {random::normal({5, 7}), random::normal({7, 9}), random::normal({9})};
  const ExecutablePtr compiled = Executable::compile(trace(kNetworkTypes, false, network));
  const std::vector<float> expected = run(compiled, inputs, 1);
  std::vector<std::vector<float>> results(8);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = run(compiled, inputs, 1); });
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Executable, WorkspaceServesProgramsOfDifferentSizes) {
  auto twice = [](const std::vector<Tensor>& x, Scope&) { return std::vector{ops::exp(x[0]) * 2}; };
  const ExecutablePtr small = Executable::compile(trace({{DType::float32, {2}}}, false, twice));
  const ExecutablePtr large = Executable::compile(trace({{DType::float32, {5000}}}, false, twice));
  Workspace workspace;
  for (const auto& executable : {small, large, small, large}) {
    const Binding binding = workspace.bind(executable);
    std::memset(binding.input(0), 0, bytes_of(executable->input_type(0)));
    binding.run();
    EXPECT_EQ(static_cast<const float*>(binding.output(0))[1], 2);
  }
}

TEST(Executable, RandomOpsFollowTheStateOfTheRun) {
  const ExecutablePtr draw = Executable::compile(trace({}, true, [](const std::vector<Tensor>&, Scope&) {
    return std::vector{random::uniform({100}), random::uniform({100})};
  }));
  EXPECT_TRUE(draw->is_random());
  auto numbers = [&](std::uint64_t step, std::size_t output) {
    Workspace workspace;
    const Binding binding = workspace.bind(draw);
    binding.set_random_state(7, step);
    binding.run();
    const float* first = static_cast<const float*>(binding.output(output));
    return std::vector<float>(first, first + 100);
  };
  EXPECT_EQ(numbers(1, 0), numbers(1, 0));
  EXPECT_NE(numbers(1, 0), numbers(2, 0));
  EXPECT_NE(numbers(1, 0), numbers(1, 1));
}

TEST(Executable, ReportsAnIndexOutOfRangeWithItsValue) {
  const ExecutablePtr look_up = Executable::compile(
      trace({{DType::float32, {3, 2}}, {DType::int32, {2}}}, false,
            [](const std::vector<Tensor>& x, Scope&) { return std::vector{ops::take(x[0], x[1], 0)}; }));
  Workspace workspace;
  const Binding binding = workspace.bind(look_up);
  static_cast<std::int32_t*>(binding.input(1))[0] = 1;
  static_cast<std::int32_t*>(binding.input(1))[1] = 3;
  EXPECT_ERROR(ValueError, binding.run(), "[take] Index 3 is out of range. Expected an index in [0, 3).");
  static_cast<std::int32_t*>(binding.input(1))[1] = 2;
  binding.run();
}

TEST(Executable, CompilesTenThousandLayersInLinearTime) {
  std::vector<std::size_t> kernels;
  const TracedFunction deep =
      trace({{DType::float32, {2, 4}}, {DType::float32, {4, 4}}}, false, [](const std::vector<Tensor>& x, Scope&) {
        Tensor y = x[0];
        for (int i = 0; i < 10000; ++i) y = ops::tanh(ops::matmul(y, x[1]) + 1);
        return std::vector{y, gradients(ops::sum(y), x[1]).single()};
      });
  EXPECT_GT(Executable::compile(deep)->report().kernels, 20000u);
}

}  // namespace
}  // namespace kerata
