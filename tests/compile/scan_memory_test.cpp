// Where a loop's carries and outputs lie: bodies of any form against the same steps one by one.
#include <gtest/gtest.h>

#include <random>

#include "compile/memory_plan.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/golden.h"

namespace kerata {
namespace {

using ops::ScanStep;

/// A body of a few ops on its carries, its slice and a captured matrix. What it gives are any of the values that it
/// saw: old carries as new ones or as outputs, one value in several places, views, constants.
class RandomBody {
 public:
  RandomBody(unsigned seed, Tensor matrix, std::size_t num_carries, std::size_t num_outputs)
      : seed_(seed), matrix_(std::move(matrix)), num_carries_(num_carries), num_outputs_(num_outputs) {}

  ScanStep operator()(const Tensors& carry, const Tensors& x) const {
    std::mt19937 random(seed_);
    std::vector<Tensor> values(carry.begin(), carry.end());
    values.push_back(x[0]);
    const auto pick = [&]() -> const Tensor& { return values[random() % values.size()]; };
    for (int i = 0; i < 8; ++i) {
      const Tensor a = pick(), b = pick();
      switch (random() % 6) {
        case 0:
          values.push_back(ops::tanh(a));
          break;
        case 1:
          values.push_back((a + b) * 0.5);
          break;
        case 2:
          values.push_back(ops::matmul(a, matrix_));
          break;
        case 3:
          values.push_back(ops::cumsum(a, 0) * 0.25);
          break;
        case 4:
          values.push_back(a.reshape({-1}).reshape(a.shape()));
          break;
        default:
          values.push_back(ops::flip(a, 1) * ops::mean(b));
      }
    }
    std::vector<Tensor> carries, outputs;
    for (std::size_t i = 0; i < num_carries_; ++i) carries.push_back(pick());
    for (std::size_t i = 0; i < num_outputs_; ++i) outputs.push_back(random() % 9 ? pick() : ops::ones_like(x[0]));
    return {Tensors(carries), Tensors(outputs)};
  }

 private:
  unsigned seed_;
  Tensor matrix_;
  std::size_t num_carries_, num_outputs_;
};

std::vector<Tensor> in_a_loop(const RandomBody& body, const Tensors& initial, const Tensor& x, bool reverse) {
  const Dim length = x.shape()[0];
  Tensors carry = initial;
  std::vector<std::vector<Tensor>> stacks;
  for (Dim step = 0; step < length; ++step) {
    const Dim t = reverse ? length - 1 - step : step;
    const ScanStep next =
        body(carry, ops::slice(x, {t, 0, 0}, {1, x.shape()[1], x.shape()[2]}).reshape(x.shape().from(1)));
    carry = next.carry;
    stacks.resize(next.outputs.size());
    for (std::size_t i = 0; i < stacks.size(); ++i)
      stacks[i].insert(reverse ? stacks[i].begin() : stacks[i].end(), next.outputs[i]);
  }
  std::vector<Tensor> results(carry.begin(), carry.end());
  for (const std::vector<Tensor>& stack : stacks) results.push_back(ops::stack(Tensors(stack), 0));
  return results;
}

std::vector<Tensor> as_one_op(const RandomBody& body, const Tensors& initial, const Tensor& x, bool reverse) {
  const ops::ScanResult result = ops::scan(body, initial, x, {.reverse = reverse});
  std::vector<Tensor> results(result.carry.begin(), result.carry.end());
  results.insert(results.end(), result.outputs.begin(), result.outputs.end());
  return results;
}

// The results, and the gradients of their sum (with a factor of each one's own) to all that goes in.
std::vector<Tensor> with_gradients(std::vector<Tensor> results, const Tensors& wrt) {
  Tensor loss = ops::zeros({});
  for (std::size_t i = 0; i < results.size(); ++i)
    loss = loss + ops::sum(ops::sin(results[i])) * (0.5 + static_cast<double>(i));
  const Tensors slopes = gradients(loss, wrt);
  results.insert(results.end(), slopes.begin(), slopes.end());
  return results;
}

class ScanMemory : public ::testing::TestWithParam<unsigned> {};

TEST_P(ScanMemory, GivesWhatTheStepsGiveOneByOne) {
  const unsigned seed = GetParam();
  const Device device = Device::default_device();
  const Dim width = seed % 2 ? 16 : 3;  // a slice of 64 bytes times rows, or one that lies anywhere
  const auto data = [&](const Shape& shape, std::int64_t number) {
    return random::normal(shape, 0, 0.5, {.seed = 10 * static_cast<std::int64_t>(seed) + number}).to(device);
  };
  const Tensor x = data({4, 2, width}, 1), matrix = data({width, width}, 2);
  std::vector<Tensor> initial;
  for (unsigned i = 0; i <= seed % 3; ++i) initial.push_back(data({2, width}, 3 + i));
  const RandomBody body(seed, matrix, initial.size(), 1 + seed % 4);
  std::vector<Tensor> wrt = initial;
  wrt.push_back(x);
  wrt.push_back(matrix);
  const bool reverse = seed % 5 == 0;
  const GradientTape tape;
  const std::vector<Tensor> expected = with_gradients(in_a_loop(body, Tensors(initial), x, reverse), Tensors(wrt));
  const std::vector<Tensor> received = with_gradients(as_one_op(body, Tensors(initial), x, reverse), Tensors(wrt));
  ASSERT_EQ(received.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE("result " + std::to_string(i));
    golden::expect_near_all(received[i].to(Device::cpu()), expected[i].to(Device::cpu()), {2e-5, 2e-5});
  }
}
INSTANTIATE_TEST_SUITE_P(Bodies, ScanMemory, ::testing::Range(1u, 61u));

// The plan of a body from (carry, slice) to results; the first is the new carry.
MemoryPlan plan_of(const Function<std::vector<Tensor>(const Tensor& carry, const Tensor& x)>& body, Graph& graph) {
  TracedFunction traced = trace({{DType::float32, {2, 16}}, {DType::float32, {2, 16}}}, false,
                                [&](const std::vector<Tensor>& in, Scope&) { return body(in[0], in[1]); });
  traced.num_carries = 1;
  graph = flatten(traced);
  return plan_memory(graph, true);
}
constexpr int kCarry = 0, kOutput = 3;  // slots: carry, slice, random state, output

TEST(ScanPlan, ComputesACarryWhereTheOldOneLiesAndAnOutputWhereItIsWanted) {
  Graph graph;
  const MemoryPlan plan = plan_of(
      [](const Tensor& carry, const Tensor& x) {
        const Tensor sum = carry + x;
        return std::vector{sum, ops::cumsum(sum, 0)};
      },
      graph);
  EXPECT_TRUE(plan.at_end.empty());
  EXPECT_EQ(plan.arena_bytes, 0u);
  EXPECT_EQ(plan.where[std::size_t(graph.outputs[0])], (Location{Location::slot, kCarry}));
  EXPECT_EQ(plan.where[std::size_t(graph.outputs[1])], (Location{Location::slot, kOutput}));
}

TEST(ScanPlan, KeepsAnOldCarryThatIsReadLater) {
  Graph graph;
  const MemoryPlan plan = plan_of(
      [](const Tensor& carry, const Tensor& x) {
        const Tensor sum = ops::cumsum(carry + x, 0);
        return std::vector{sum, sum * carry};
      },
      graph);
  ASSERT_EQ(plan.at_end.size(), 1u);
  EXPECT_EQ(plan.at_end[0].to, (Location{Location::slot, kCarry}));
  EXPECT_EQ(plan.where[std::size_t(graph.outputs[0])].kind, Location::arena);
}

TEST(ScanPlan, SavesAnOldCarryThatIsAnOutput) {
  Graph graph;
  const MemoryPlan plan = plan_of(
      [](const Tensor& carry, const Tensor& x) {
        return std::vector{carry + x, carry};
      },
      graph);
  ASSERT_EQ(plan.at_end.size(), 2u);
  EXPECT_EQ(plan.at_end[0].to, plan.outputs[1]);
  EXPECT_EQ(plan.at_end[0].to.kind, Location::arena);
  EXPECT_EQ(plan.at_end[1].to, (Location{Location::slot, kCarry}));
}

}  // namespace
}  // namespace kerata
