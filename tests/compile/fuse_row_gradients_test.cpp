#include <algorithm>

#include "compile/passes.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "ops/optimizer_ops.h"
#include "support/finite_differences.h"
#include "support/golden.h"

namespace kerata {
namespace {

// One Adam step of a table whose rows `named` samples look up, behind a gate; both: the gradient is an output, too.
TracedFunction embedding_step(Dim named, bool both) {
  const std::vector<ValueType> types{{DType::float32, {40, 6}}, {DType::float32, {40, 6}}, {DType::float32, {40, 6}},
                                     {DType::int32, {named}},   {DType::float32, {}},      {DType::int64, {}},
                                     {DType::boolean, {}}};
  return trace(types, true, [=](const std::vector<Tensor>& x, Scope&) {
    const Tensor g = gradients(ops::sum(ops::square(ops::take(x[0], x[3], 0))), x[0]).single();
    std::vector<Tensor> out = apply_all(ops::kAdamStep, {x[0], x[1], x[2], g, x[4], x[5], x[6]},
                                        ops::AdamAttrs{.variables = 1, .gated = true});
    if (both) out.push_back(g);
    return out;
  });
}

std::vector<std::string_view> op_names(const Graph& graph) {
  std::vector<std::string_view> names;
  for (const Instr& instr : graph.code) names.push_back(instr.op->name);
  return names;
}

bool runs(const TracedFunction& f, std::string_view op) {
  const auto names = op_names(optimize(flatten(f), {}));
  return std::count(names.begin(), names.end(), op) > 0;
}

TEST(FuseRowGradients, AnOptimizerReadsTheNamedRowsOnly) {
  EXPECT_TRUE(runs(embedding_step(5, false), "row_gradient"));
  EXPECT_FALSE(runs(embedding_step(5, false), "take_grad"));
}

TEST(FuseRowGradients, ADenseGradientStaysWhereItIsReadOrLarge) {
  EXPECT_FALSE(runs(embedding_step(5, true), "row_gradient"));
  EXPECT_FALSE(runs(embedding_step(20, false), "row_gradient"));
}

std::vector<std::vector<double>> run(const CompileSettings& settings, bool open = true) {
  Workspace workspace;
  const auto executable = Executable::compile(embedding_step(7, false), settings);
  const Binding binding = workspace.bind(executable);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<float> values =
        test::wave({40, 6}, 1.0 + static_cast<double>(i)).cast("float32").to_vector<float>();
    std::transform(values.begin(), values.end(), static_cast<float*>(binding.input(i)),
                   [i](float v) { return i == 2 ? v * v : v; });
  }
  const std::int32_t rows[] = {3, 39, 3, -2, 0, 11, 3};
  std::copy_n(rows, 7, static_cast<std::int32_t*>(binding.input(3)));
  *static_cast<float*>(binding.input(4)) = 0.125f;
  *static_cast<std::int64_t*>(binding.input(5)) = 2;
  *static_cast<bool*>(binding.input(6)) = open;
  binding.run();
  std::vector<std::vector<double>> results;
  for (std::size_t i = 0; i < executable->num_outputs(); ++i) {
    const auto* from = static_cast<const float*>(binding.output(i));
    results.emplace_back(from, from + executable->output_type(i).shape.size());
  }
  return results;
}

TEST(FuseRowGradients, ChangesNoResult) {
  const auto found = run({}), expected = run({.matmul_fusion = false});
  for (std::size_t i = 0; i < expected.size(); ++i) golden::expect_near_all(found[i], expected[i], {1e-6, 1e-7});
}

TEST(FuseRowGradients, AShutGateChangesNothing) {
  const auto kept = run({}, false), dense = run({.matmul_fusion = false}, false), moved = run({});
  EXPECT_EQ(kept, dense);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::vector<float> values = test::wave({40, 6}, 1.0 + static_cast<double>(i)).cast("float32").to_vector<float>();
    if (i == 2) std::transform(values.begin(), values.end(), values.begin(), [](float v) { return v * v; });
    EXPECT_EQ(kept[i], std::vector<double>(values.begin(), values.end()));
    EXPECT_NE(kept[i], moved[i]);
  }
}

}  // namespace
}  // namespace kerata
