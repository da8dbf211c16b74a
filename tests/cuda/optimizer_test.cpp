// Optimizer steps on the GPU against the CPU's.
#include "compile/executable.h"
#include "cuda/same_result.h"
#include "graph/placement.h"
#include "kerata/graph/variable.h"
#include "ops/optimizer_ops.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using test::numbers_of;

// [w.., slots.., g.., rate, step]; slots are positive, as mean squares are.
std::vector<Tensor> inputs_of(DType dtype, const std::vector<Shape>& shapes, int slots, DType rate, DType step) {
  std::vector<Tensor> inputs;
  double seed = 0;
  for (int kind = 0; kind < slots + 2; ++kind)
    for (const Shape& shape : shapes) {
      const bool slot = kind > 0 && kind <= slots;
      inputs.push_back(numbers_of(dtype, shape, slot ? 2 : -1, slot ? 3 : 1, seed += 0.31));
    }
  inputs.push_back(ops::full(Shape(), 0.05).cast(rate));
  inputs.push_back(ops::full(Shape(), 3).cast(step));
  return inputs;
}

std::vector<std::vector<Shape>> lists() {
  std::vector<std::vector<Shape>> all = {{}, {{1}}, {{3, 4}, {4}}, {{5000}, {0, 3}, {7}, {33, 65}}};
  std::vector<Shape> many;  // more than one launch takes
  for (Dim i = 0; i < 110; ++i) many.push_back({i % 9 + 1, 3});
  all.push_back(many);
  return all;
}

template <class Attrs>
void expect_same_step(const OpDef& op, Attrs attrs, int slots) {
  for (const std::vector<Shape>& shapes : lists()) {
    attrs.variables = static_cast<Dim>(shapes.size());
    test::expect_same_op(op, inputs_of(DType::float32, shapes, slots, DType::float32, DType::int32), attrs,
                         {5e-6, 1e-6});
    test::expect_same_op(op, inputs_of(DType::float64, shapes, slots, DType::float64, DType::int64), attrs,
                         {1e-12, 1e-12});
    for (const DType half : {DType::float16, DType::bfloat16})
      for (const std::size_t each : {1, 2}) {  // all gradients, or every other one
        std::vector<Tensor> inputs = inputs_of(DType::float32, shapes, slots, DType::float32, DType::int32);
        const std::size_t first = static_cast<std::size_t>(slots + 1) * shapes.size();
        for (std::size_t i = 0; i < shapes.size(); i += each) inputs[first + i] = inputs[first + i].cast(half);
        test::expect_same_op(op, inputs, attrs, {5e-6, 1e-6});
      }
    attrs.gated = true;
    for (const bool open : {false, true}) {
      std::vector<Tensor> inputs = inputs_of(DType::float32, shapes, slots, DType::float32, DType::int32);
      inputs.push_back(ops::full(Shape(), open, "bool"));
      test::expect_same_op(op, inputs, attrs, {5e-6, 1e-6});
      if (open) continue;
      const std::vector<Tensor> kept = apply_all(op, inputs, attrs);
      for (std::size_t i = 0; i < kept.size(); ++i) golden::expect_near_all(kept[i], inputs[i], {0, 0});
    }
    attrs.gated = false;
  }
}

TEST(CudaOptimizer, SgdEqualsTheCpu) {
  expect_same_step(ops::kSgdStep, ops::SgdAttrs{}, 0);
  expect_same_step(ops::kSgdStep, ops::SgdAttrs{.momentum = 0.9}, 1);
  expect_same_step(ops::kSgdStep, ops::SgdAttrs{.momentum = 0.9, .nesterov = true}, 1);
}

TEST(CudaOptimizer, RmspropEqualsTheCpu) {
  expect_same_step(ops::kRmspropStep, ops::RmspropAttrs{}, 1);
  expect_same_step(ops::kRmspropStep, ops::RmspropAttrs{.momentum = 0.5}, 2);
  expect_same_step(ops::kRmspropStep, ops::RmspropAttrs{.rho = 0.5, .epsilon = 20, .centered = true}, 2);
  expect_same_step(ops::kRmspropStep, ops::RmspropAttrs{.rho = 0.5, .momentum = 0.5, .epsilon = 20, .centered = true},
                   3);
}

TEST(CudaOptimizer, AdamEqualsTheCpu) {
  expect_same_step(ops::kAdamStep, ops::AdamAttrs{}, 2);
  expect_same_step(ops::kAdamStep, ops::AdamAttrs{.beta_1 = 0.5, .amsgrad = true}, 3);
}

// Three steps of a compiled program: on the GPU a recorded one, with the memory of the variables in it.
std::vector<Tensor> after_three_steps(Device device) {
  std::vector<Variable> all;
  for (const char* name : {"w", "m", "v"}) all.emplace_back(name, Role::non_trainable, ops::ones({5}));
  const Variable step("step", Role::non_trainable, ops::zeros(Shape(), "int32"));
  for (const Variable& variable : all) move_variable(*variable.cell(), device);
  move_variable(*step.cell(), device);
  auto body = [&](const std::vector<Tensor>& x, Scope& scope) -> std::vector<Tensor> {
    const std::vector<Tensor> inputs{all[0], all[1], all[2], x[0], ops::full(Shape(), 0.1), step};
    const std::vector<Tensor> updated = apply_all(ops::kAdamStep, inputs, ops::AdamAttrs{.variables = 1});
    for (std::size_t i = 0; i < all.size(); ++i) scope.update(all[i], updated[i]);
    return {x[0] * 2.0};
  };
  Workspace workspace;
  const Binding binding = workspace.bind(Executable::compile(trace({{DType::float32, {5}}}, true, body), {}, device));
  for (int i = 0; i < 3; ++i) {
    const float gradient[] = {1, -2, static_cast<float>(i), 0, 0.5};
    std::memcpy(binding.input(0), gradient, sizeof gradient);
    binding.run();
  }
  binding.check();
  return {all[0].value(), all[1].value(), all[2].value()};
}

TEST(CudaOptimizer, StepsInARecordedProgram) {
  const std::vector<Tensor> found = after_three_steps(Device::cuda()), expected = after_three_steps(Device::cpu());
  for (std::size_t i = 0; i < 3; ++i) golden::expect_near_all(found[i], expected[i], {1e-6, 1e-6});
}

TEST(CudaOptimizer, RefusesVariablesOfTwoTypes) {
  std::vector<Tensor> inputs = inputs_of(DType::float32, {{3}, {3}}, 0, DType::float32, DType::int32);
  inputs[1] = inputs[1].cast("float64");
  inputs[3] = inputs[3].cast("float64");
  for (Tensor& x : inputs) x = x.to(Device::cuda());
  EXPECT_ERROR_WITH(BackendError, apply_all(ops::kSgdStep, inputs, ops::SgdAttrs{.variables = 2}),
                    "[sgd_step] No kernel on cuda for float32");
}

}  // namespace
}  // namespace kerata
