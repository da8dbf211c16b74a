// What a kernel has to do, as the profile counts it.
#include "compile/work.h"

#include <gtest/gtest.h>

#include "kerata/graph/gradients.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"

namespace kerata {
namespace {

/// Of the op's instruction in a function of inputs of these shapes.
template <class F>
Work work_in(const std::string& op, const std::vector<Shape>& shapes, const F& function) {
  std::vector<ValueType> types;
  for (const Shape& shape : shapes) types.push_back({DType::float32, shape});
  const Graph graph = flatten(trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return function(x); }));
  for (const Instr& instr : graph.code)
    if (op == instr.op->name) return work_of(graph, instr);
  ADD_FAILURE() << "no " << op << " in\n" << to_string(graph);
  return {};
}
using In = const std::vector<Tensor>&;
using Out = std::vector<Tensor>;

void expect_work(const Work& found, double bytes, double flops) {
  EXPECT_EQ(found.bytes, bytes);
  EXPECT_EQ(found.flops, flops);
}

TEST(Work, OfProducts) {
  expect_work(work_in("matmul", {{3, 5}, {5, 7}}, [](In x) { return Out{ops::matmul(x[0], x[1])}; }),
              4 * (15 + 35 + 21), 2 * 3 * 5 * 7);
  expect_work(work_in("matmul", {{5, 3}, {5, 7}}, [](In x) { return Out{ops::matmul(x[0], x[1], true, false)}; }),
              4 * (15 + 35 + 21), 2 * 3 * 5 * 7);
  expect_work(work_in("matmul", {{2, 3, 5}, {2, 5, 7}}, [](In x) { return Out{ops::matmul(x[0], x[1])}; }),
              4 * 2 * (15 + 35 + 21), 2 * 2 * 3 * 5 * 7);
}

TEST(Work, OfConvolutions) {
  const std::vector<Shape> shapes{{2, 6, 6, 3}, {3, 3, 3, 8}};  // -> (2, 4, 4, 8)
  const auto conv = [](In x) { return Out{ops::conv(x[0], x[1])}; };
  const double flops = 2.0 * (2 * 4 * 4 * 8) * (3 * 3 * 3), x = 2 * 6 * 6 * 3, kernel = 3 * 3 * 3 * 8,
               y = 2 * 4 * 4 * 8;
  expect_work(work_in("conv", shapes, conv), 4 * (x + kernel + y), flops);
  const auto gradient = [&](In in) { return gradients(ops::sum(conv(in)[0]), {in[0], in[1]}).list(); };
  expect_work(work_in("conv_input_grad", shapes, gradient), 4 * (x + kernel + y), flops);
  expect_work(work_in("conv_kernel_grad", shapes, gradient), 4 * (x + kernel + y), flops);
}

TEST(Work, OfLstms) {
  const std::vector<Shape> shapes{{2, 5, 3}, {2, 4}, {2, 4}, {3, 16}, {4, 16}, {16}};
  const Work work = work_in("lstm", shapes, [](In x) { return ops::lstm(x[0], x[1], x[2], x[3], x[4], x[5], {}); });
  EXPECT_EQ(work.flops, 2.0 * (2 * 5) * (3 + 4) * 16);
}

TEST(Work, OfTheRest) {
  expect_work(work_in("exp", {{10, 3}}, [](In x) { return Out{ops::exp(x[0])}; }), 4 * 60, 0);
  // A table counts by the rows that are taken: four of 1000.
  const Tensor rows = ops::array({1, 5, 7, 7}).cast("int32");
  expect_work(work_in("take", {{1000, 3}}, [&](In x) { return Out{ops::take(x[0], rows, 0)}; }), 4 * (12 + 4 + 12), 0);
}

}  // namespace
}  // namespace kerata
