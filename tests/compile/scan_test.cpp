#include <gtest/gtest.h>

#include "compile/executable.h"
#include "compile/graph.h"
#include "compile/passes.h"
#include "kerata/graph/call_context.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using ops::ScanStep;

TEST(Scan, SumsAsItRuns) {
  const Tensor x = ops::array({1.0, 2.0, 3.0, 4.0});
  const auto result = ops::scan(
      [](const Tensors& carry, const Tensors& in) {
        const Tensor sum = carry[0] + in[0];
        return ScanStep{sum, sum};
      },
      ops::zeros({}), x);
  EXPECT_EQ(result.carry[0].item(), 10);
  EXPECT_EQ(result.outputs[0].to_vector<float>(), (std::vector<float>{1, 3, 6, 10}));
}

TEST(Scan, RunsBackwardsAndSwapsItsCarries) {
  const Tensor x = ops::array({1.0, 2.0, 3.0});
  const auto result = ops::scan(
      [](const Tensors& carry, const Tensors& in) {
        return ScanStep{{carry[1], carry[0]}, carry[0] * 10 + in[0]};
      },
      {ops::full({}, 1), ops::full({}, 2)}, x, {.reverse = true});
  EXPECT_EQ(result.outputs[0].to_vector<float>(), (std::vector<float>{11, 22, 13}));
  EXPECT_EQ(result.carry[0].item(), 2);
  EXPECT_EQ(result.carry[1].item(), 1);
}

// A tiny recurrent cell; `w` and `u` are captured from outside.
struct Cell {
  Tensor w, u;
  ScanStep operator()(const Tensors& carry, const Tensors& x) const {
    const Tensor h = ops::tanh(ops::matmul(x[0], w) + ops::matmul(carry[0], u));
    return {h, h * 2};
  }
};
Tensor looped(const Tensor& x, const Tensor& h, const Cell& cell) {
  const auto result = ops::scan(cell, h, x);
  return ops::sum(result.outputs[0]) + ops::sum(ops::square(result.carry[0]));
}
Tensor unrolled(const Tensor& x, Tensor h, const Cell& cell) {
  Tensor sum;
  for (Dim t = 0; t < x.shape()[0]; ++t) {
    const ScanStep step = cell(h, ops::take(x, ops::full({}, double(t), "int32"), 0));
    h = step.carry[0];
    sum = t == 0 ? ops::sum(step.outputs[0]) : sum + ops::sum(step.outputs[0]);
  }
  return sum + ops::sum(ops::square(h));
}

struct Data {
  Tensor x = random::normal({5, 2, 3}).cast("float64"), h = random::normal({2, 4}).cast("float64");
  Tensor w = random::normal({3, 4}).cast("float64"), u = random::normal({4, 4}).cast("float64");
};

TEST(Scan, GradientsEqualThoseOfTheUnrolledLoop) {
  const Data d;
  const GradientTape tape;
  const Tensors wrt{d.x, d.h, d.w, d.u};
  const Tensors loop = gradients(looped(d.x, d.h, {d.w, d.u}), wrt),
                flat = gradients(unrolled(d.x, d.h, {d.w, d.u}), wrt);
  for (std::size_t i = 0; i < 4; ++i) golden::expect_near_all(loop[i], flat[i], {1e-10, 1e-10});
}

TEST(Scan, SecondOrderGradientsEqualThoseOfTheUnrolledLoop) {
  const Data d;
  const GradientTape tape;
  auto second = [&](const Tensor& loss) {
    const Tensor slope = gradients(loss, d.u).single();
    return gradients(ops::sum(ops::square(slope)), {d.x, d.h, d.w, d.u});
  };
  const Tensors loop = second(looped(d.x, d.h, {d.w, d.u})), flat = second(unrolled(d.x, d.h, {d.w, d.u}));
  for (std::size_t i = 0; i < 4; ++i) golden::expect_near_all(loop[i], flat[i], {1e-9, 1e-9});
}

TEST(Scan, OneTensorCapturedInTwoRolesGetsBothGradients) {
  const Data d;
  const Tensor w = placeholder({DType::float64, {4, 4}}), u = placeholder({DType::float64, {4, 4}});
  Tensor loss;
  {
    const Scope scope(Mode::trace, false);
    loss = looped(ops::zeros({5, 2, 4}, "float64") + 0.5, d.h, {w, u});
  }
  const GradientTape tape;
  const std::vector<Tensor> from{w, u}, to{d.u, d.u};
  const Tensor twice = replay(from, to, {&loss, 1})[0];
  const Tensor flat = unrolled(ops::zeros({5, 2, 4}, "float64") + 0.5, d.h, {d.u, d.u});
  golden::expect_near_all(gradients(twice, d.u).single(), gradients(flat, d.u).single(), {1e-10, 1e-10});
}

TEST(Scan, TracedGraphHasAsManyNodesForFiveStepsAsForFiveHundred) {
  auto nodes = [](Dim steps) {
    const auto traced = trace(
        {{DType::float32, {steps, 2, 3}}, {DType::float32, {2, 4}}, {DType::float32, {3, 4}}, {DType::float32, {4, 4}}},
        true, [](const std::vector<Tensor>& x, Scope&) {
          const Tensor loss = looped(x[0], x[1], {x[2], x[3]});
          return std::vector{loss, gradients(loss, x[3]).single()};
        });
    return flatten(traced).code.size();
  };
  EXPECT_EQ(nodes(5), nodes(500));
}

TEST(Scan, CompiledLoopEqualsTheEagerOne) {
  const Tensor x = random::normal({6, 2, 3}), h = random::normal({2, 4}), w = random::normal({3, 4}),
               u = random::normal({4, 4});
  const ExecutablePtr compiled = Executable::compile(
      trace({{DType::float32, {6, 2, 3}}, {DType::float32, {2, 4}}}, false, [&](const std::vector<Tensor>& in, Scope&) {
        return std::vector{looped(in[0], in[1], {w, u})};
      }));
  Workspace workspace;
  const Binding binding = workspace.bind(compiled);
  binding.set_input(0, x.data<float>().data());
  binding.set_input(1, h.data<float>().data());
  binding.run();
  EXPECT_NEAR(static_cast<const float*>(binding.output(0))[0], looped(x, h, {w, u}).item(), 1e-4);
}

TEST(Scan, SaysWhatIsWrongWithItsBody) {
  const Tensor x = ops::zeros({3, 2});
  EXPECT_ERROR(ShapeError,
               ops::scan(
                   [](const Tensors& c, const Tensors&) {
                     return ScanStep{ops::concatenate({c[0], c[0]})};
                   },
                   ops::zeros({2}), x),
               "[scan] Carry 0 changes its type. Expected float32 (2,), received float32 (4,).");
  EXPECT_ERROR(ValueError, ops::scan([](const Tensors& c, const Tensors&) { return ScanStep{c}; }, ops::zeros({2}), {}),
               "[scan] Nothing says how many steps to take. Hint: {.length = n}.");
  EXPECT_ERROR(
      ShapeError,
      ops::scan([](const Tensors& c, const Tensors&) { return ScanStep{c}; }, ops::zeros({2}), {x, ops::zeros({4})}),
      "[scan] Every tensor of xs needs as many steps. Expected 3, received (4,).");
}

TEST(Scan, WhoseBodyWritesStateIsRefused) {
  const Variable v("v", Role::non_trainable, ops::zeros({}));
  EXPECT_ERROR(StateError,
               ops::scan(
                   [&](const Tensors& c, const Tensors&) {
                     CallContext().update(v, c[0]);
                     return ScanStep{c};
                   },
                   ops::zeros({}), {}, {.length = 2}),
               "[scan] The body writes state. Hint: carry the value and update it after the loop.");
}

}  // namespace
}  // namespace kerata
