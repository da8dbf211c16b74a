// Products of matrices on the GPU beside the CPU.
#include "cuda/both_devices.h"
#include "cuda/ops/sources.h"
#include "ops/linalg_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::FusedActivation;
using ops::MatmulAttrs;

class CudaProducts : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { cuda::force_wide_indices(GetParam()); }
  void TearDown() override { cuda::force_wide_indices(false); }
  Noise noise_;
};
INSTANTIATE_TEST_SUITE_P(Indices, CudaProducts, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Wide" : "Narrow"; });

double tolerance_of(DType dtype) { return dtype == DType::float64 ? 1e-12 : dtype == DType::float32 ? 2e-5 : 0; }

Shape turned(const Shape& shape, bool turn) {
  if (!turn) return shape;
  std::vector<Dim> sizes = shape.to_vector();
  std::swap(sizes[sizes.size() - 1], sizes[sizes.size() - 2]);
  return Shape(sizes);
}

struct MatmulCase {
  Shape a, b;  // not transposed
};

constexpr DType kMultiplied[] = {DType::float32, DType::float64, DType::int8,  DType::int16,
                                 DType::int32,   DType::int64,   DType::uint8, DType::boolean};

TEST_P(CudaProducts, OfAllTypesAndTransposes) {
  const MatmulCase cases[] = {{{1, 1}, {1, 1}},     {{3, 5}, {5, 2}},      {{64, 16}, {16, 64}}, {{65, 17}, {17, 70}},
                              {{1, 300}, {300, 9}}, {{9, 300}, {300, 1}},  {{0, 3}, {3, 4}},     {{3, 0}, {0, 4}},
                              {{3, 4}, {4, 0}},     {{31, 700}, {700, 33}}};
  for (const MatmulCase& c : cases)
    for (const DType dtype : kMultiplied)
      for (const bool trans_a : {false, true})
        for (const bool trans_b : {false, true})
          compare_devices(ops::kMatmul,
                          {noise_.tensor(dtype, turned(c.a, trans_a)), noise_.tensor(dtype, turned(c.b, trans_b))},
                          MatmulAttrs{.trans_a = trans_a, .trans_b = trans_b}, tolerance_of(dtype));
}

TEST_P(CudaProducts, OfBatchesThatBroadcast) {
  const MatmulCase cases[] = {
      {{4, 3, 5}, {5, 6}},          {{4, 3, 5}, {4, 5, 6}},       {{3, 5}, {4, 5, 6}},
      {{1, 3, 5}, {4, 5, 6}},       {{2, 1, 3, 5}, {1, 4, 5, 6}}, {{2, 4, 3, 5}, {4, 5, 6}},
      {{2, 1, 3, 5}, {2, 4, 5, 6}}, {{0, 3, 5}, {5, 6}},          {{2, 3, 1, 70, 40}, {3, 2, 40, 66}},
      {{70, 2, 3}, {70, 3, 2}}};
  for (const MatmulCase& c : cases)
    for (const DType dtype : {DType::float32, DType::int32})
      for (const bool trans_a : {false, true})
        for (const bool trans_b : {false, true})
          compare_devices(ops::kMatmul,
                          {noise_.tensor(dtype, turned(c.a, trans_a)), noise_.tensor(dtype, turned(c.b, trans_b))},
                          MatmulAttrs{.trans_a = trans_a, .trans_b = trans_b}, tolerance_of(dtype));
}

TEST_P(CudaProducts, WithBiasAndActivation) {
  for (const MatmulCase& c :
       {MatmulCase{{5, 7}, {7, 3}}, {{2, 5, 7}, {7, 3}}, {{3, 5, 7}, {3, 7, 4}}, {{40, 900}, {900, 20}}})
    for (const DType dtype : {DType::float32, DType::float64})
      for (const int activation :
           {FusedActivation::none, FusedActivation::relu, FusedActivation::tanh, FusedActivation::sigmoid})
        for (const bool has_bias : {false, true}) {
          std::vector<Tensor> inputs{noise_.tensor(dtype, c.a), noise_.tensor(dtype, c.b)};
          if (has_bias) inputs.push_back(noise_.tensor(dtype, {c.b.back()}));
          compare_devices(ops::kMatmul, inputs, MatmulAttrs{.has_bias = has_bias, .activation = activation},
                          tolerance_of(dtype));
        }
}

// Few squares and a long k: parts of k are summed on their own; many squares: larger ones.
TEST_P(CudaProducts, LongAndLarge) {
  compare_devices(ops::kMatmul, {noise_.tensor(DType::float32, {5000, 20}), noise_.tensor(DType::float32, {5000, 70})},
                  MatmulAttrs{.trans_a = true}, 1e-4);
  if (GetParam()) return;  // the same loops
  compare_devices(ops::kMatmul, {noise_.tensor(DType::float32, {2100, 24}), noise_.tensor(DType::float32, {24, 2050})},
                  MatmulAttrs{}, 2e-5);
  compare_devices(ops::kMatmul, {noise_.tensor(DType::float32, {24, 2100}), noise_.tensor(DType::float32, {2050, 24})},
                  MatmulAttrs{.trans_a = true, .trans_b = true}, 2e-5);
}

TEST_P(CudaProducts, TheSameInEveryRun) {
  const std::vector<Tensor> inputs =
      on_gpu({noise_.tensor(DType::float32, {3000, 20}), noise_.tensor(DType::float32, {3000, 7})});
  const Tensor first = apply(ops::kMatmul, inputs, MatmulAttrs{.trans_a = true}).to(Device::cpu());
  expect_same(first, apply(ops::kMatmul, inputs, MatmulAttrs{.trans_a = true}), 0, "matmul again");
}

TEST_P(CudaProducts, NumbersThatAreNoneGoOn) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor a = Tensor::from_span<float>(std::vector{1.0f, inf, nan, 2.0f, 0.0f, -inf}, {3, 2});
  const Tensor b = noise_.tensor(DType::float32, {2, 3});
  for (const int activation : {FusedActivation::none, FusedActivation::relu, FusedActivation::tanh})
    compare_devices(ops::kMatmul, {a, b}, MatmulAttrs{.activation = activation}, 1e-5);
}

// Against the sums in float32, rounded once.
TEST_P(CudaProducts, OfHalfTypes) {
  for (const DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor a = noise_.tensor(dtype, {33, 70}), b = noise_.tensor(dtype, {70, 9});
    const Tensor expected = ops::matmul(a.cast("float32"), b.cast("float32"));
    const Tensor received = apply(ops::kMatmul, on_gpu({a, b}), MatmulAttrs{});
    EXPECT_EQ(received.dtype(), dtype);
    expect_same(expected.cast(dtype), received, dtype == DType::float16 ? 1e-3 : 8e-3, "half");
  }
}

TEST_P(CudaProducts, UpdateAMatrix) {
  for (const auto& [m, k, n] : {std::tuple<Dim, Dim, Dim>{4, 3, 5}, {1, 1, 1}, {0, 3, 2}, {700, 30, 20}, {33, 65, 70}})
    for (const DType dtype : {DType::float32, DType::float64})
      compare_devices(ops::kMatmulUpdate,
                      {noise_.tensor(dtype, {k, n}), noise_.tensor(dtype, {m, k}), noise_.tensor(dtype, {m, n}),
                       ops::full({}, 0.25, dtype)},
                      {}, tolerance_of(dtype));
}

}  // namespace
}  // namespace kerata
