// The program that fit() runs for the 784-300-100-10 net: how many kernels, how much memory, and what each pass does to
// it.
#include <gtest/gtest.h>

#include <algorithm>

#include "compile/executable.h"
#include "compile/passes.h"
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/random.h"
#include "kerata/optimizers/adam.h"
#include "kerata/optimizers/sgd.h"
#include "support/golden.h"
#include "training/arguments.h"
#include "training/step.h"

namespace kerata {
namespace {

using namespace layers;

class FitGraph : public ::testing::Test {
 protected:
  explicit FitGraph(const AnyOptimizer& optimizer = optimizers::SGD(0.01))
      : model_({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), Dense(100, {.activation = "relu"}),
                Dense(10, {.activation = "softmax"})}) {
    std::vector<Tensor> values;
    for (const Tensor& w : model_.get_weights()) values.push_back(random::normal(w.shape(), 0, 0.05, {.seed = 3}));
    model_.set_weights(Tensors(values));
    start_ = model_.get_weights();
    model_.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    training::CompiledModel& compiled = training::compiled(model_.impl(), "test");
    const training::DataSet data = training::step_data(compiled, model_.impl(), x_, y_, {}, "test");
    std::vector<std::string> own_logs;
    step_ = training::trace_step(compiled, model_.impl(), data, 32, true, own_logs);
  }

  ExecutablePtr compile(const CompileSettings& settings = {}) const { return Executable::compile(step_, settings); }

  // The weights after three steps from the same start.
  Tensors train(const ExecutablePtr& program) {
    model_.set_weights(start_);
    Workspace workspace;
    const Binding binding = workspace.bind(program);
    binding.set_input(0, x_.data<float>().data());
    binding.set_input(1, y_.data<std::int32_t>().data());
    for (int i = 0; i < 3; ++i) binding.run();
    return model_.get_weights();
  }

  static constexpr std::size_t kKernels = 27, kFusedChains = 3, kArenaBytes = 107456;

  const Tensor x_ = random::uniform({32, 28, 28}, 0, 1, {.seed = 1});
  const Tensor y_ = random::randint({32}, 0, 10, {.dtype = "int32", .seed = 2});
  Sequential model_;
  Tensors start_;
  TracedFunction step_;
};

TEST_F(FitGraph, HasAFixedNumberOfKernelsAndBytes) {
  const ExecutableReport report = compile()->report();
  EXPECT_EQ(report.kernels, kKernels) << to_string(optimize(flatten(step_), {}));
  EXPECT_EQ(report.fused_chains, kFusedChains);
  EXPECT_EQ(report.arena_bytes, kArenaBytes);
}

TEST_F(FitGraph, TakesForwardEpiloguesAndWeightUpdatesIntoItsProducts) {
  const std::string text = to_string(optimize(flatten(step_), {}));
  std::size_t updates = 0, epilogues = 0;
  for (std::size_t at = text.find("matmul_update("); at != std::string::npos; at = text.find("matmul_update(", at + 1))
    ++updates;
  for (std::size_t at = text.find("has_bias=true"); at != std::string::npos; at = text.find("has_bias=true", at + 1))
    ++epilogues;
  EXPECT_EQ(updates, 3u) << text;
  EXPECT_EQ(epilogues, 3u) << text;
}

TEST_F(FitGraph, EachPassChangesKernelsOrMemoryAndNoResult) {
  const ExecutablePtr full = compile();
  const Tensors expected = train(full);
  const std::pair<const char*, CompileSettings> without[] = {
      {"common subexpressions", {.common_subexpressions = false}},
      {"matmul fusion", {.matmul_fusion = false}},
      {"elementwise fusion", {.elementwise_fusion = false}},
      {"in place", {.in_place = false}},
  };
  for (const auto& [name, settings] : without) {
    const ExecutablePtr other = compile(settings);
    const ExecutableReport a = full->report(), b = other->report();
    EXPECT_TRUE(a.kernels != b.kernels || a.arena_bytes != b.arena_bytes) << name << " changes nothing: " << b.text();
    EXPECT_GE(b.kernels, a.kernels) << name;
    const Tensors actual = train(other);
    for (std::size_t i = 0; i < expected.size(); ++i)
      golden::expect_near_all(actual[i], expected[i], {1e-5, 1e-6}, name);
  }
}

// This program holds nothing that they would change.
TEST_F(FitGraph, PassesThatFindNothingChangeNothing) {
  const ExecutablePtr full = compile();
  const Tensors expected = train(full);
  for (const CompileSettings& settings :
       {CompileSettings{.constant_folding = false}, CompileSettings{.algebraic = false}}) {
    const ExecutablePtr other = compile(settings);
    EXPECT_EQ(other->report().text(), full->report().text());
    const Tensors actual = train(other);
    for (std::size_t i = 0; i < expected.size(); ++i) golden::expect_near_all(actual[i], expected[i], {0, 0});
  }
}

class FitGraphWithAdam : public FitGraph {
 protected:
  FitGraphWithAdam() : FitGraph(optimizers::Adam(1e-3)) {}
};

TEST_F(FitGraphWithAdam, UpdatesAllVariablesInOneKernel) {
  const Graph graph = optimize(flatten(step_), {});
  EXPECT_EQ(std::count_if(graph.code.begin(), graph.code.end(), [](const Instr& i) { return i.op->updates_inputs; }),
            1);
}

}  // namespace
}  // namespace kerata
