// Fused chains against the same ops one by one, over the ways that inputs broadcast.
#include <gtest/gtest.h>

#include "compile/executable.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"
#include "support/golden.h"

namespace kerata {
namespace {

using Body = Function<std::vector<Tensor>(const std::vector<Tensor>&)>;

void expect_same(const std::vector<Tensor>& inputs, const Body& body) {
  std::vector<ValueType> types;
  for (const Tensor& x : inputs) types.push_back({x.dtype(), x.shape()});
  const TracedFunction traced = trace(types, false, [&](const std::vector<Tensor>& x, Scope&) { return body(x); });
  const ExecutablePtr fused = Executable::compile(traced);
  EXPECT_EQ(fused->report().fused_chains, 1u);
  EXPECT_EQ(fused->report().kernels, 1u);
  const std::vector<Tensor> expected = body(inputs);
  Workspace workspace;
  const Binding binding = workspace.bind(fused);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor bytes = inputs[i];
    binding.set_input(i, output_of(bytes).data());
  }
  binding.run();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const ValueType& type = fused->output_type(i);
    const Tensor actual = Tensor::from_bytes(binding.output(i), std::size_t(type.shape.size()), type.dtype, type.shape);
    EXPECT_EQ(actual.dtype(), expected[i].dtype());
    golden::expect_near_all(actual.cast("float64"), expected[i].cast("float64"), {1e-6, 1e-6});
  }
}

TEST(Fused, BroadcastsRowsColumnsScalarsAndMixtures) {
  for (const Shape& shape : {Shape{3, 5}, Shape{70, 300}, Shape{1, 7}, Shape{2000, 3}})
    for (const Shape& other : {shape, Shape{shape[1]}, Shape{shape[0], 1}, Shape{1, shape[1]}, Shape{}, Shape{1, 1}})
      expect_same({random::normal(shape), random::normal(other)},
                  [](const auto& x) { return std::vector{ops::tanh(x[0] * x[1]) + x[1] - x[0]}; });
  expect_same({random::normal({4, 1, 6, 1}), random::normal({5, 1, 3})},
              [](const auto& x) { return std::vector{(x[0] + x[1]) * x[1]}; });
}

TEST(Fused, HandlesMasksAndSelections) {
  expect_same({random::normal({33, 9}), random::normal({9})}, [](const auto& x) {
    const Tensor positive = x[0] > x[1];
    return std::vector{ops::where(positive, x[0], x[1]) + positive.cast("float32"), positive,
                       ops::where(positive, 1.0, 0.0)};
  });
  expect_same({(random::normal({40}) > 0), random::normal({40})},
              [](const auto& x) { return std::vector{ops::where(ops::logical_not(x[0]), x[1], 0.5) * 2}; });
}

TEST(Fused, CastsIntegersOnTheWayIn) {
  expect_same({random::randint({5, 300}, -100, 100), random::normal({5, 300})},
              [](const auto& x) { return std::vector{x[0].cast("float32") * 0.5 + x[1]}; });
}

TEST(Fused, GivesSeveralResultsAtOnce) {
  expect_same({random::normal({1500}), random::normal({1500})}, [](const auto& x) {
    const Tensor a = x[0] * x[1], b = ops::relu(a + 1), c = ops::sigmoid(b) * a;
    return std::vector{a, b, c};
  });
}

// Each op rounds, also within the chain: the same to the last bit.
TEST(Fused, RoundsToHalfTypesWhereResultsAreMade) {
  for (const DType half : {DType::float16, DType::bfloat16})
    for (const Shape& shape : {Shape{3, 5}, Shape{70, 300}}) {
      expect_same({random::normal(shape).cast(half), random::normal({shape[1]}).cast(half)}, [](const auto& x) {
        const Tensor y = ops::relu(ops::tanh(x[0] * x[1]) + 0.1);
        return std::vector{y, y > 0, y.cast("float32")};
      });
      expect_same({random::normal(shape), random::normal(shape).cast(half), random::normal({}).cast(half)},
                  [half](const auto& x) {
                    const Tensor y = (x[0] * 3).cast(half) - x[1] * x[2];
                    return std::vector{y, ops::where(x[0] > 0, y, x[2])};
                  });
    }
}

TEST(Fused, ResultsDoNotDependOnTheTile) {
  const Tensor big = random::normal({100000});
  expect_same({big}, [](const auto& x) { return std::vector{ops::exp(ops::negative(ops::square(x[0]))) * 3}; });
}

TEST(Fused, MayWriteOverItsInput) {
  // y dies in the chain, and the chain reads it again after the first result is known.
  const Tensor x = random::normal({64, 33});
  auto body = [](const std::vector<Tensor>& in, Scope&) {
    const Tensor y = ops::cumsum(in[0], 0);
    const Tensor a = y * 2, b = a + 1;
    return std::vector{ops::cumsum(a, 0), b * y};
  };
  const TracedFunction traced = trace({{DType::float32, {64, 33}}}, false, body);
  const auto run = [&](bool in_place) {
    const ExecutablePtr executable = Executable::compile(traced, {.in_place = in_place});
    Workspace workspace;
    const Binding binding = workspace.bind(executable);
    binding.set_input(0, x.data<float>().data());
    binding.run();
    const float* first = static_cast<const float*>(binding.output(1));
    return std::vector<float>(first, first + 64 * 33);
  };
  EXPECT_EQ(run(true), run(false));
}

}  // namespace
}  // namespace kerata
