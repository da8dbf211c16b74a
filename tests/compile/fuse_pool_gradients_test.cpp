#include <algorithm>

#include "compile/passes.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

// conv + bias, relu, max pooling, and the gradients of a loss with respect to image, kernel and bias.
TracedFunction network() {
  const std::vector<ValueType> types{{DType::float32, {3, 9, 8, 2}},
                                     {DType::float32, {3, 3, 2, 5}},
                                     {DType::float32, {5}},
                                     {DType::float32, {3, 3, 3, 5}}};
  return trace(types, true, [](const std::vector<Tensor>& x, Scope&) {
    const Tensor y = ops::max_pool(ops::relu(ops::conv(x[0], x[1]) + x[2]), 2, {.strides = 2});
    const Tensor loss = ops::sum((y + ops::square(y)) * x[3]);  // its slope is not zero where y is
    const Tensors grads = gradients(loss, {x[0], x[1], x[2]});
    return std::vector{loss, grads[0], grads[1], grads[2]};
  });
}

std::vector<std::string> op_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Instr& instr : graph.code) names.emplace_back(instr.op->name);
  return names;
}

std::vector<std::vector<double>> run(const CompileSettings& settings) {
  Workspace workspace;
  const auto executable = Executable::compile(network(), settings);
  const Binding binding = workspace.bind(executable);
  for (std::size_t i = 0; i < executable->num_inputs(); ++i) {
    const std::vector<float> values =
        test::wave(executable->input_type(i).shape, 1.0 + static_cast<double>(i)).cast("float32").to_vector<float>();
    std::copy(values.begin(), values.end(), static_cast<float*>(binding.input(i)));
  }
  binding.run();
  std::vector<std::vector<double>> results;
  for (std::size_t i = 0; i < executable->num_outputs(); ++i) {
    const auto* from = static_cast<const float*>(binding.output(i));
    results.emplace_back(from, from + executable->output_type(i).shape.size());
  }
  return results;
}

TEST(FusePoolGradients, MasksAndSumsWithoutPassesOfTheirOwn) {
  const Graph graph = optimize(flatten(network()), {});
  const auto names = op_names(graph);
  EXPECT_EQ(std::count(names.begin(), names.end(), "where"), 0);
  EXPECT_EQ(std::count(names.begin(), names.end(), "greater"), 0);
  for (const Instr& instr : graph.code) {
    if (instr.op->name == "max_pool_grad") {
      EXPECT_EQ(instr.out.size(), 2u);
    }
    if (instr.op->name == "sum") {
      EXPECT_EQ(instr.attrs.text().find("axes=[0, 1, 2],"), std::string::npos) << to_string(graph);
    }
  }
}

TEST(SinkRelu, MovesBehindThePooling) {
  for (const Instr& instr : optimize(flatten(network()), {}).code) {
    const bool relu = instr.attrs.text().find("activation=1") != std::string::npos;
    if (instr.op->name == "conv" || instr.op->name == "max_pool") {
      EXPECT_EQ(relu, instr.op->name == "max_pool") << instr.attrs.text();
    }
  }
}

TEST(SinkRelu, StaysWhereOthersReadTheResult) {
  const std::vector<ValueType> types{{DType::float32, {3, 9, 8, 2}}, {DType::float32, {3, 3, 2, 5}}};
  const TracedFunction f = trace(types, true, [](const std::vector<Tensor>& x, Scope&) {
    const Tensor y = ops::relu(ops::conv(x[0], x[1]));
    return std::vector{ops::max_pool(y, 2, {.strides = 2}), y};
  });
  for (const Instr& instr : optimize(flatten(f), {}).code)
    if (instr.op->name == "conv") {
      EXPECT_NE(instr.attrs.text().find("activation=1"), std::string::npos);
    }
}

TEST(FusePoolGradients, ChangesNoResult) {
  const auto fused = run({}), plain = run({.matmul_fusion = false});
  ASSERT_EQ(fused.size(), plain.size());
  for (std::size_t i = 0; i < fused.size(); ++i)
    golden::expect_near_all(fused[i], plain[i], {1e-5, 1e-5}, "result " + std::to_string(i));
}

}  // namespace
}  // namespace kerata
