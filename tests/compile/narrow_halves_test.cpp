// Which casts narrow_halves takes away, and that results stay what they were.
#include <algorithm>

#include "compile/passes.h"
#include "kerata/kerata.h"
#include "ops/math_attrs.h"
#include "ops/nn_attrs.h"
#include "ops/optimizer_ops.h"
#include "support/compiled_run.h"
#include "support/finite_differences.h"
#include "support/traced_graph.h"

namespace kerata {
namespace {

using Body = Function<std::vector<Tensor>(const std::vector<Tensor>&)>;

constexpr DType kHalf = DType::bfloat16;

// As the pass finds it.
Graph cleaned(const std::vector<ValueType>& types, const Body& f) {
  return eliminate_dead(eliminate_common(simplify(graph_of(types, f))));
}

// The ops that are left, with the types of their first results.
Names narrowed(const std::vector<ValueType>& types, const Body& f) {
  const Graph graph = eliminate_dead(simplify(narrow_halves(cleaned(types, f))));
  Names names;
  for (const Instr& instr : graph.code)
    names.push_back(join_text(instr.op->name, ':', graph.values[static_cast<std::size_t>(instr.out[0])].dtype));
  return names;
}

Tensor wide(const Tensor& x) { return x.cast(DType::float32); }
Tensor half(const Tensor& x) { return x.cast(kHalf); }

TEST(NarrowHalves, ElementwiseOpsAndLiterals) {
  const std::vector<ValueType> types{{kHalf, {4, 3}}, {kHalf, {3}}};
  EXPECT_EQ(names_of(cleaned(types, [](const auto& x) { return std::vector{x[0] + x[1]}; })),
            (Names{"cast", "cast", "add", "cast"}));
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{x[0] + x[1]}; }), (Names{"add:bfloat16"}));
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{half(wide(x[0]) * 1.25f)}; }),
            (Names{"multiply:bfloat16"}));
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{wide(x[0]) > 0}; }), (Names{"greater:bool"}));
}

// 0.1 is not among the numbers of a half type; a result that others read in float32 is not rounded.
TEST(NarrowHalves, LeavesWhatWouldRound) {
  const std::vector<ValueType> types{{kHalf, {4, 3}}, {DType::float32, {4, 3}}};
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{half(wide(x[0]) * 0.1f)}; }),
            (Names{"cast:float32", "multiply:float32", "cast:bfloat16"}));
  EXPECT_EQ(narrowed(types,
                     [](const auto& x) {
                       const Tensor y = ops::exp(wide(x[0]));
                       return std::vector{half(y), y};
                     }),
            (Names{"cast:float32", "exp:float32", "cast:bfloat16"}));
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{half(wide(x[0]) + x[1])}; }),
            (Names{"cast:float32", "add:float32", "cast:bfloat16"}));
}

TEST(NarrowHalves, WhatSelectsIsNarrowForEveryReader) {
  EXPECT_EQ(narrowed({{kHalf, {4, 3}}},
                     [](const auto& x) {
                       const Tensor y = ops::relu(wide(x[0]));
                       return std::vector{half(y), y > 0, ops::exp(y)};
                     }),
            (Names{"relu:bfloat16", "cast:float32", "greater:bool", "exp:float32"}));
}

TEST(NarrowHalves, ReductionsAndMoves) {
  const std::vector<ValueType> types{{kHalf, {4, 3}}, {DType::float32, {3}}};
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{ops::sum(x[0], {.axis = 0})}; }),
            (Names{"sum:bfloat16"}));
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{ops::mean(x[0], {.axis = 1})}; }),
            (Names{"mean:bfloat16"}));
  EXPECT_EQ(narrowed(types,
                     [](const auto& x) {
                       return std::vector{half(ops::broadcast_to(ops::exp(x[1]).reshape({1, 3}), {5, 3}))};
                     }),
            (Names{"exp:float32", "cast:bfloat16", "reshape:bfloat16", "broadcast_to:bfloat16"}));
}

TEST(NarrowHalves, BatchNormalizationKeepsItsStatistics) {
  const std::vector<ValueType> types{{kHalf, {8, 3}}, {DType::float32, {3}}, {DType::float32, {3}}, {kHalf, {8, 3}}};
  EXPECT_EQ(narrowed(types,
                     [](const auto& x) {
                       const auto y = apply_all(ops::kBatchNorm, {wide(x[0]), x[1], x[2]}, ops::BatchNormAttrs{0.001});
                       const auto dx = apply_all(ops::kBatchNormGrad, {wide(x[0]), x[1], y[1], y[2], wide(x[3])},
                                                 ops::BatchNormAttrs{0.001});
                       return std::vector{half(y[0]), y[1], half(dx[0]), dx[1]};
                     }),
            (Names{"batch_norm:bfloat16", "batch_norm_grad:bfloat16"}));
}

TEST(NarrowHalves, OnlyTheRowsThatAreNamedAreCast) {
  const std::vector<ValueType> types{{DType::float32, {50, 4}}, {DType::int32, {7}}};
  EXPECT_EQ(narrowed(types, [](const auto& x) { return std::vector{ops::take(half(x[0]), x[1], 0)}; }),
            (Names{"take:float32", "cast:bfloat16"}));
  EXPECT_EQ(narrowed({{DType::float32, {3, 4}}, {DType::int32, {7}}},
                     [](const auto& x) { return std::vector{ops::take(half(x[0]), x[1], 0)}; }),
            (Names{"cast:bfloat16", "take:bfloat16"}));
  EXPECT_EQ(narrowed(types,
                     [](const auto& x) {
                       const Tensor loss = ops::sum(ops::square(ops::take(half(x[0]), x[1], 0)).cast("float32"));
                       return std::vector{gradients(loss, x[0]).single()};
                     })
                .back(),
            "take_grad:float32");
}

// A whole step in one: every value is what it is without the pass, up to fused products (rounded once, not twice).
TEST(NarrowHalves, AStepStaysWhatItWas) {
  for (const DTypePolicy policy : {DTypePolicy("mixed_bfloat16"), DTypePolicy("mixed_float16")}) {
    std::vector<std::vector<Tensor>> trained;
    for (const bool narrows : {true, false}) {
      utils::set_random_seed(3);
      const Tensor x = random::normal({32, 6, 6, 2}, 0, 1, {.seed = 1}), y = random::normal({32, 2}, 0, 1, {.seed = 2});
      Model model =
          Sequential({Input({6, 6, 2}), layers::Conv2D(4, 3, {.activation = "relu", .dtype = policy}),
                      layers::MaxPooling2D(2, {.dtype = policy}), layers::BatchNormalization({.dtype = policy}),
                      layers::Flatten({.dtype = policy}), layers::Dense(5, {.activation = "tanh", .dtype = policy}),
                      layers::Dense(2, {.dtype = "float32"})});
      model.compile({.optimizer = optimizers::Adam(0.01), .loss = "mse", .run_eagerly = !narrows});
      model.fit(x, y, {.batch_size = 16, .epochs = 2, .verbose = 0, .shuffle = false});
      trained.emplace_back();
      for (const Tensor& w : model.get_weights()) trained.back().push_back(w);
    }
    for (std::size_t i = 0; i < trained[0].size(); ++i)
      golden::expect_near_all(trained[0][i].cast("float64"), trained[1][i].cast("float64"), {5e-2, 5e-3});
  }
}

// The optimizers' kernels read gradients of a half type.
TEST(NarrowHalves, OptimizersReadHalfGradients) {
  for (const DType dtype : {DType::float16, DType::bfloat16}) {
    const std::vector<ValueType> types{{DType::float32, {3000}}, {DType::float32, {7}}, {dtype, {3000}}, {dtype, {7}},
                                       {DType::float32, {}},     {DType::int64, {}}};
    const auto step = [&](const std::vector<Tensor>& x, const Tensor& a, const Tensor& b) {
      return apply_all(ops::kSgdStep, {x[0], x[1], a, b, x[4], x[5]}, ops::SgdAttrs{.variables = 2});
    };
    const std::vector<Tensor> in{test::wave({3000}, 1).cast("float32"),
                                 test::wave({7}, 2).cast("float32"),
                                 test::wave({3000}, 3).cast(dtype),
                                 test::wave({7}, 4).cast(dtype),
                                 ops::array(0.5f),
                                 ops::array(std::int64_t{1})};
    CompiledRun compiled(in, false, [&](const std::vector<Tensor>& x, Scope&) {
      return step(x, x[2].cast("float32"), x[3].cast("float32"));
    });
    const std::vector<Tensor> found = compiled(in), expected = step(in, in[2].cast("float32"), in[3].cast("float32"));
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(found[i].to_vector<float>(), expected[i].to_vector<float>());
    const Graph graph = narrow_halves(
        cleaned(types, [&](const auto& x) { return step(x, x[2].cast("float32"), x[3].cast("float32")); }));
    EXPECT_EQ(names_of(graph), Names{"sgd_step"});
  }
}

}  // namespace
}  // namespace kerata
