// Elementwise kernels and fused chains of the GPU against the CPU's.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "compile/executable.h"
#include "graph/node.h"
#include "kerata/graph/operators.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

constexpr DType kTypes[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16, DType::int8,
                            DType::int16,   DType::int32,   DType::int64,   DType::uint8,    DType::boolean};

// Values of either sign, zero, and what is not finite.
Tensor values(const Shape& shape, DType dtype, double first) {
  std::vector<float> all;
  for (Dim i = 0; i < shape.size(); ++i) all.push_back(static_cast<float>(std::fmod(first + 1.37 * i, 7.0) - 3.0));
  if (all.size() > 8 && is_floating(dtype)) {
    all[3] = INFINITY;
    all[5] = NAN;
    all[6] = 0;
  }
  return Tensor::from_span(std::span<const float>(all), shape).cast(dtype);
}

void expect_same(const Tensor& actual, const Tensor& expected, const std::string& what) {
  EXPECT_EQ(actual.device(), Device::cuda()) << what;
  ASSERT_EQ(actual.dtype(), expected.dtype()) << what;
  ASSERT_EQ(actual.shape().to_vector(), expected.shape().to_vector()) << what;
  const std::vector<double> a = actual.to_vector<double>(), b = expected.to_vector<double>();
  const double tolerance = expected.dtype() == DType::float64   ? 1e-13
                           : expected.dtype() == DType::float32 ? 2e-6
                           : is_floating(expected.dtype())      ? 1e-2
                                                                : 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(b[i]))
      EXPECT_TRUE(std::isnan(a[i])) << what << " element " << i << ": " << a[i];
    else if (std::isinf(b[i]))
      EXPECT_EQ(a[i], b[i]) << what << " element " << i;
    else
      EXPECT_NEAR(a[i], b[i], tolerance * std::max(1.0, std::abs(b[i]))) << what << " element " << i;
  }
}

// The op on both devices; what the CPU does not compute is left out and counted.
int compare(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs = {}) {
  std::string what(op.name);
  for (const Tensor& x : inputs) what += join_text(' ', x.dtype(), x.shape());
  Tensor expected;
  try {
    expected = apply(op, inputs, attrs);
  } catch (const Error&) {
    return 0;
  }
  std::vector<Tensor> moved;
  for (const Tensor& x : inputs) moved.push_back(x.to(Device::cuda()));
  expect_same(apply(op, moved, attrs), expected, what);
  return 1;
}

TEST(CudaElementwise, OneOperand) {
  int cases = 0;
  for (const OpDef* op :
       {&ops::kNegative, &ops::kAbs,   &ops::kSign,    &ops::kExp,      &ops::kLog,        &ops::kLog1p,
        &ops::kExpm1,    &ops::kSqrt,  &ops::kRsqrt,   &ops::kSquare,   &ops::kSin,        &ops::kCos,
        &ops::kTan,      &ops::kTanh,  &ops::kSigmoid, &ops::kSoftplus, &ops::kErf,        &ops::kFloor,
        &ops::kCeil,     &ops::kRound, &ops::kRelu,    &ops::kIsfinite, &ops::kLogicalNot, &ops::kStopGradient})
    for (const DType dtype : kTypes)
      if (dtype == DType::boolean || op != &ops::kLogicalNot) cases += compare(*op, {values({3, 7}, dtype, 0.3)});
  EXPECT_GE(cases, 80);
}

TEST(CudaElementwise, TwoOperandsOfAnyType) {
  int cases = 0;
  for (const OpDef* op : {&ops::kAdd, &ops::kSubtract, &ops::kMultiply, &ops::kDivide, &ops::kPower, &ops::kMaximum,
                          &ops::kMinimum, &ops::kEqual, &ops::kNotEqual, &ops::kLess, &ops::kLessEqual, &ops::kGreater,
                          &ops::kGreaterEqual, &ops::kLogicalAnd, &ops::kLogicalOr})
    for (const DType dtype : kTypes)
      if (dtype == DType::boolean || (op != &ops::kLogicalAnd && op != &ops::kLogicalOr))
        cases += compare(*op, {values({25}, dtype, 0.3), values({25}, dtype, 2.1)});
  EXPECT_GT(cases, 90);
}

TEST(CudaElementwise, ShapesThatBroadcast) {
  const std::pair<Shape, Shape> shapes[] = {{{}, {}},
                                            {{1}, {1}},
                                            {{0, 3}, {3}},
                                            {{5, 1, 4}, {3, 1}},
                                            {{2, 3, 4, 5}, {4, 1}},
                                            {{4, 1}, {1, 5}},
                                            {{1000}, {}},
                                            {{}, {17, 3}},
                                            {{6, 7, 8}, {7, 8}},
                                            {{2, 1, 3, 1}, {1, 4, 1, 5}},
                                            {{33, 65}, {65}},
                                            {{33, 65}, {33, 1}},
                                            {{1, 1, 1}, {2, 2, 2}},
                                            {{1025}, {1025}},
                                            {{3, 4, 1}, {3, 1, 6}},
                                            {{33, 64}, {64}},
                                            {{7, 12}, {7, 1}},
                                            {{5, 8, 12}, {8, 1}},
                                            {{3, 2, 4, 8}, {2, 1, 8}},
                                            {{9, 1, 4}, {9, 6, 1}}};  // rows of whole packs
  for (const auto& [a, b] : shapes) {
    EXPECT_EQ(compare(ops::kAdd, {values(a, DType::float32, 0), values(b, DType::float32, 1)}), 1);
    EXPECT_EQ(compare(ops::kAdd, {values(a, DType::bfloat16, 0), values(b, DType::bfloat16, 1)}), 1);
    EXPECT_EQ(compare(ops::kMultiply, {values(b, DType::int32, 0), values(a, DType::int32, 1)}), 1);
    EXPECT_EQ(compare(ops::kWhere,
                      {values(a, DType::boolean, 0), values(b, DType::float64, 1), values(a, DType::float64, 2)}),
              1);
  }
}

TEST(CudaElementwise, CastsFromAndToEveryType) {
  for (const DType from : kTypes)
    for (const DType to : kTypes) {
      const Tensor x = values({23}, from, 3.2);
      expect_same(x.to(Device::cuda()).cast(to), x.cast(to), join_text(from, " to ", to));
    }
}

// Views that begin anywhere are no packs of four.
TEST(CudaElementwise, SlicesAlongTheFirstAxis) {
  const Tensor x = values({101}, DType::float32, 0.3);
  for (Dim start = 0; start < 5; ++start) {
    const Tensor here = x.slice({.start = start}), there = x.to(Device::cuda()).slice({.start = start});
    expect_same(ops::exp(there), ops::exp(here), join_text("start ", start));
  }
}

TEST(CudaElementwise, FusedChainsAreOneKernel) {
  const auto f = [](const std::vector<Tensor>& x, Scope&) -> std::vector<Tensor> {
    const Tensor y = ops::exp(x[0] * 2.0 - x[1]);
    return {y / (1.0 + y), ops::where(y > 1.0, y, x[1])};
  };
  for (const Dim n : {1, 7, 1024, 4099}) {
    const std::vector<ValueType> types{{DType::float32, {n}}, {DType::float32, {n}}};
    const Tensor a = ops::where(ops::isfinite(values({n}, DType::float32, 0)), values({n}, DType::float32, 0), 1.0);
    std::vector<std::vector<float>> results[2];
    for (const bool gpu : {false, true}) {
      const ExecutablePtr program =
          Executable::compile(trace(types, false, f), {}, gpu ? Device::cuda() : Device::cpu());
      EXPECT_EQ(program->report().fused_chains, 1u);
      Workspace workspace;
      const Binding binding = workspace.bind(program);
      for (std::size_t i = 0; i < 2; ++i)
        std::memcpy(binding.input(i), a.data<float>().data(), static_cast<std::size_t>(n) * sizeof(float));
      binding.run();
      for (std::size_t i = 0; i < 2; ++i) {
        const auto* y = static_cast<const float*>(binding.output(i));
        results[gpu].emplace_back(y, y + n);
      }
    }
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t k = 0; k < results[0][i].size(); ++k)
        EXPECT_NEAR(results[1][i][k], results[0][i][k], 1e-6 * std::max(1.0f, std::abs(results[0][i][k])));
  }
}

// Each op of a chain rounds, as it does alone: the same bits.
TEST(CudaElementwise, ChainsRoundToHalfTypes) {
  for (const DType half : {DType::float16, DType::bfloat16})
    for (const Dim n : {1, 7, 1024, 4099}) {
      const Tensor a = values({n}, half, 0.3), b = values({n}, half, 1.7);
      const auto f = [](const std::vector<Tensor>& x, Scope&) -> std::vector<Tensor> {
        const Tensor y = ops::relu(x[0] * x[1] + x[0]) * 1.1 - x[1];
        return {y, y > 1.0, y.cast("float32")};
      };
      std::vector<Tensor> results[2];
      for (const bool gpu : {false, true}) {
        const std::vector<ValueType> types{{half, {n}}, {half, {n}}};
        const auto program = Executable::compile(trace(types, false, f), {}, gpu ? Device::cuda() : Device::cpu());
        EXPECT_EQ(program->report().kernels, 1u);
        Workspace workspace;
        const Binding binding = workspace.bind(program);
        std::memcpy(binding.input(0), output_of(a).data(), static_cast<std::size_t>(2 * n));
        std::memcpy(binding.input(1), output_of(b).data(), static_cast<std::size_t>(2 * n));
        binding.run();
        for (std::size_t i = 0; i < 3; ++i) {
          const ValueType& type = program->output_type(i);
          results[gpu].push_back(
              Tensor::from_bytes(binding.output(i), static_cast<std::size_t>(n), type.dtype, type.shape));
        }
      }
      for (std::size_t i = 0; i < 3; ++i)
        expect_same(results[1][i].to(Device::cuda()), results[0][i], join_text(half, ' ', n));
    }
}

}  // namespace
}  // namespace kerata
