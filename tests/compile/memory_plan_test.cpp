#include "compile/memory_plan.h"

#include <gtest/gtest.h>

#include <random>

#include "compile/free_list.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata {
namespace {

TEST(FreeList, JoinsNeighboursAndGrowsTheLastGap) {
  FreeList list;
  const std::size_t a = list.take(64), b = list.take(128), c = list.take(64);
  EXPECT_EQ(list.end(), 256u);
  list.give_back(a, 64);
  list.give_back(b, 128);
  EXPECT_EQ(list.take(192), 0u);  // both gaps as one
  list.give_back(c, 64);
  EXPECT_EQ(list.take(128), 192u);
  EXPECT_EQ(list.end(), 320u);
}

TracedFunction random_program(unsigned seed) {
  return trace({{DType::float32, {8, 4}}}, false, [&](const std::vector<Tensor>& x, Scope&) {
    std::mt19937 random(seed);
    std::vector<Tensor> values = {x[0], ops::exp(x[0])};
    auto pick = [&]() -> const Tensor& { return values[random() % values.size()]; };
    for (int i = 0; i < 60; ++i) {
      const Tensor a = pick(), b = pick();
      switch (random() % 6) {
        case 0:
          values.push_back(ops::tanh(a));
          break;
        case 1:
          values.push_back(a.shape() == b.shape() ? a + b : ops::sigmoid(b));
          break;
        case 2:
          values.push_back(ops::transpose(a));
          break;
        case 3:
          values.push_back(a.reshape({a.shape()[1], a.shape()[0]}));
          break;
        case 4:
          values.push_back(ops::multiply(a, ops::sum(b) * 0.01));
          break;
        default:
          values.push_back(ops::cumsum(a * 0.1, 0));
          break;
      }
    }
    return std::vector<Tensor>(values.end() - 3, values.end());
  });
}

// What every instruction reads must still be in memory: walks the program and keeps who wrote each byte last.
void check_no_overlap(const Graph& graph, const MemoryPlan& plan) {
  std::map<std::size_t, int> owner;  // 64-byte block of the arena -> value
  auto same_storage = [&](int a, int b) {
    return plan.where[std::size_t(a)].offset == plan.where[std::size_t(b)].offset;
  };
  for (std::size_t i = 0; i < graph.code.size(); ++i) {
    if (plan.skip[i]) continue;
    for (int v : graph.code[i].in) {
      const Location& place = plan.where[std::size_t(v)];
      if (place.kind != Location::arena) continue;
      for (std::size_t b = 0; b < bytes_of(graph.values[std::size_t(v)]); b += 64)
        EXPECT_TRUE(same_storage(owner.at(place.offset + b), v))
            << "value " << v << " was overwritten before instruction " << i;
    }
    for (int v : graph.code[i].out) {
      const Location& place = plan.where[std::size_t(v)];
      if (place.kind != Location::arena) continue;
      for (std::size_t b = 0; b < bytes_of(graph.values[std::size_t(v)]); b += 64) owner[place.offset + b] = v;
      EXPECT_LE(place.offset + bytes_of(graph.values[std::size_t(v)]), plan.arena_bytes);
    }
  }
}

TEST(MemoryPlan, NeverOverwritesAValueThatIsStillRead) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Graph graph = flatten(random_program(seed));
    for (bool in_place : {false, true}) check_no_overlap(graph, plan_memory(graph, in_place));
  }
}

TEST(MemoryPlan, ReusesMemoryOfDeadValuesAndWritesInPlace) {
  const Graph graph = flatten(trace({{DType::float32, {1024}}}, false, [](const std::vector<Tensor>& x, Scope&) {
    Tensor y = x[0];
    for (int i = 0; i < 10; ++i) y = ops::tanh(y);
    return std::vector{y};
  }));
  EXPECT_EQ(plan_memory(graph, true).arena_bytes, 4096u);
  EXPECT_EQ(plan_memory(graph, false).arena_bytes, 8192u);
  EXPECT_EQ(plan_memory(graph, true).unplanned_bytes, 40960u);
}

TEST(MemoryPlan, ComputesAnUpdateRightIntoItsVariable) {
  const Variable v("v", Role::trainable, ops::zeros({16}));
  const Graph graph = flatten(trace({{DType::float32, {16}}}, false, [&](const std::vector<Tensor>& x, Scope& scope) {
    scope.update(v, v + x[0]);
    return std::vector<Tensor>{};
  }));
  const MemoryPlan plan = plan_memory(graph, true);
  EXPECT_TRUE(plan.at_end.empty());
  EXPECT_EQ(plan.where[std::size_t(graph.assigns[0].value)].kind, Location::variable);
}

TEST(MemoryPlan, CopiesAnUpdateWhoseOldContentIsReadLater) {
  const Variable v("v", Role::trainable, ops::zeros({16}));
  const Graph graph = flatten(trace({{DType::float32, {16}}}, false, [&](const std::vector<Tensor>& x, Scope& scope) {
    const Tensor old = v;
    scope.update(v, ops::cumsum(v + x[0], 0));
    return std::vector{ops::sum(old) + ops::sum(Tensor(v))};
  }));
  EXPECT_EQ(plan_memory(graph, true).at_end.size() + 0u, 1u);
}

}  // namespace
}  // namespace kerata
