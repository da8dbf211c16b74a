#include "compile/passes.h"

#include <gtest/gtest.h>

#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata {
namespace {

Graph graph_of(const std::vector<Shape>& shapes, const Function<std::vector<Tensor>(const std::vector<Tensor>&)>& f) {
  std::vector<ValueType> types;
  for (const Shape& shape : shapes) types.push_back({DType::float32, shape});
  return flatten(trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return f(x); }));
}

std::vector<std::string> op_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Instr& instr : graph.code) names.emplace_back(instr.op->name);
  return names;
}
using Names = std::vector<std::string>;

TEST(Flatten, PrintsAReadableProgram) {
  const Graph graph = graph_of({{2, 3}, {2, 3}}, [](const auto& x) { return std::vector{ops::exp(x[0] + x[1])}; });
  EXPECT_EQ(to_string(graph),
            "inputs %0, %1\n"
            "%3 float32(2, 3) = add(%0, %1)\n"
            "%4 float32(2, 3) = exp(%3)\n"
            "outputs %4\n");
}

TEST(FoldConstants, ComputesWhatDependsOnLiteralsOnly) {
  const Graph graph = fold_constants(graph_of({{2}}, [](const auto& x) {
    const Variable none;
    return std::vector{x[0] * ops::exp(ops::zeros({2}))};
  }));
  EXPECT_EQ(op_names(graph), (Names{"multiply"}));
}

TEST(EliminateCommon, MergesEqualInstructionsAndEqualScalars) {
  const Graph before =
      graph_of({{2}}, [](const auto& x) { return std::vector{ops::exp(x[0] * 2) + ops::exp(x[0] * 2)}; });
  EXPECT_EQ(op_names(before), (Names{"multiply", "exp", "multiply", "exp", "add"}));
  EXPECT_EQ(op_names(eliminate_common(before)), (Names{"multiply", "exp", "add"}));
}

TEST(EliminateCommon, KeepsInstructionsWithOtherParameters) {
  const Graph graph = eliminate_common(graph_of(
      {{2, 2}}, [](const auto& x) { return std::vector{ops::sum(x[0], {.axis = 0}) + ops::sum(x[0], {.axis = 1})}; }));
  EXPECT_EQ(op_names(graph), (Names{"sum", "sum", "add"}));
}

TEST(EliminateDead, DropsWhatNobodyReads) {
  const Graph graph = eliminate_dead(graph_of({{2}}, [](const auto& x) {
    static_cast<void>(ops::exp(x[0]));
    Tensor unused = ops::sin(ops::cos(x[0]));
    return std::vector{x[0] + 1, x[0]};
  }));
  EXPECT_EQ(op_names(graph), (Names{"add"}));
}

TEST(Simplify, DropsInstructionsThatDoNothing) {
  const Graph graph = eliminate_dead(simplify(graph_of({{2, 3}}, [](const auto& x) {
    Tensor y = (x[0] * 1 + 0) / 1;
    y = ops::negative(ops::negative(y)).reshape({3, 2}).reshape({2, 3});
    return std::vector{ops::exp(y.cast("float32"))};
  })));
  EXPECT_EQ(op_names(graph), (Names{"exp"}));
}

// Over and of axes of size 1.
TEST(Simplify, ReductionsAndTransposesThatOnlyReshape) {
  const auto names = [](const Shape& shape, const auto& f) {
    return op_names(simplify(graph_of({shape}, [&](const auto& x) { return std::vector<Tensor>{f(x[0])}; })));
  };
  const Names reshape{"reshape"};
  EXPECT_EQ(names({4, 1}, [](const Tensor& x) { return ops::mean(x, {.axis = 1}); }), reshape);
  EXPECT_EQ(names({4, 1, 3}, [](const Tensor& x) { return ops::sum(x, {.axis = 1}); }), reshape);
  EXPECT_EQ(names({1, 4, 1}, [](const Tensor& x) { return ops::max(x, {.axis = {0, 2}}); }), reshape);
  EXPECT_EQ(names({4, 1}, [](const Tensor& x) { return ops::transpose(x); }), reshape);
  EXPECT_EQ(names({2, 1, 3}, [](const Tensor& x) { return ops::transpose(x, {1, 0, 2}); }), reshape);
  EXPECT_EQ(names({2, 1, 3}, [](const Tensor& x) { return ops::transpose(x, {2, 1, 0}); }), Names{"transpose"});
  EXPECT_EQ(names({4, 2}, [](const Tensor& x) { return ops::mean(x, {.axis = 1}); }), Names{"mean"});
  const Graph integers = simplify(flatten(trace({{DType::int8, {4, 1}}}, false, [](const auto& x, Scope&) {
    return std::vector{ops::sum(x[0], {.axis = 1})};  // in int32
  })));
  EXPECT_NE(op_names(integers), reshape);
}

TEST(Simplify, LetsMatmulTranspose) {
  const Graph graph = eliminate_dead(simplify(graph_of({{4, 2}, {5, 4}}, [](const auto& x) {
    return std::vector{ops::matmul(ops::transpose(x[0]), ops::transpose(x[1]))};
  })));
  EXPECT_EQ(op_names(graph), (Names{"matmul"}));
  EXPECT_NE(to_string(graph).find("trans_a=true, trans_b=true"), std::string::npos) << to_string(graph);
}

TEST(FuseEpilogues, MovesBiasAndActivationIntoTheProduct) {
  const Graph graph = fuse_epilogues(graph_of(
      {{4, 2}, {2, 3}, {3}}, [](const auto& x) { return std::vector{ops::relu(ops::matmul(x[0], x[1]) + x[2])}; }));
  EXPECT_EQ(op_names(graph), (Names{"matmul"}));
  EXPECT_NE(to_string(graph).find("has_bias=true, activation=1"), std::string::npos) << to_string(graph);
}

TEST(FuseEpilogues, LeavesAProductThatOthersRead) {
  const Graph graph = fuse_epilogues(graph_of({{4, 2}, {2, 3}}, [](const auto& x) {
    const Tensor y = ops::matmul(x[0], x[1]);
    return std::vector{ops::relu(y), y};
  }));
  EXPECT_EQ(op_names(graph), (Names{"matmul", "relu"}));
}

TEST(FuseElementwise, JoinsChainsOfOneShape) {
  const Graph graph = fuse_elementwise(
      graph_of({{4, 3}, {3}}, [](const auto& x) { return std::vector{ops::sum(ops::tanh(x[0] * 2 + x[1]) * x[0])}; }));
  EXPECT_EQ(op_names(graph), (Names{"fused", "sum"}));
}

TEST(FuseElementwise, DoesNotReachAroundAnotherInstruction) {
  // exp(x) and its use may not join: the sum between them needs the first and feeds the second.
  const Graph graph = fuse_elementwise(graph_of({{4, 3}}, [](const auto& x) {
    const Tensor y = ops::exp(x[0]);
    return std::vector{y / ops::sum(y, {.axis = -1, .keepdims = true})};
  }));
  EXPECT_EQ(op_names(graph), (Names{"exp", "sum", "divide"}));
}

TEST(FuseElementwise, SeesAWayBackThroughAnotherChain) {
  // exp(x) and the product are one chain; tanh(u) and the last sum may not join: the sum of the chain is between them.
  const Graph graph = fuse_elementwise(graph_of({{4, 3}, {4, 1}}, [](const auto& x) {
    const Tensor y = ops::exp(x[0]), total = ops::sum(y, {.axis = -1, .keepdims = true}), p = ops::tanh(x[1]);
    return std::vector{y * p, p + total};
  }));
  EXPECT_EQ(op_names(graph), (Names{"tanh", "fused", "sum", "add"}));
}

TEST(FuseElementwise, KeepsResultsThatAreReadOutside) {
  const Graph graph = fuse_elementwise(graph_of({{4}}, [](const auto& x) {
    const Tensor y = ops::exp(x[0]);
    return std::vector{y, y + 1};
  }));
  ASSERT_EQ(op_names(graph), (Names{"fused"}));
  EXPECT_EQ(graph.code[0].out.size(), 2u);
}

}  // namespace
}  // namespace kerata
