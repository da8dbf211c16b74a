// Convolution, pooling and their gradients on the GPU beside the CPU.
#include "cuda/conv_case.h"
#include "cuda/ops/sources.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::FusedActivation;
using ops::WindowAttrs;

class CudaImages : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { cuda::force_wide_indices(GetParam()); }
  void TearDown() override { cuda::force_wide_indices(false); }
  Noise noise_;
};
INSTANTIATE_TEST_SUITE_P(Indices, CudaImages, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Wide" : "Narrow"; });

double tolerance_of(DType dtype) { return dtype == DType::float64 ? 1e-11 : 5e-5; }

TEST_P(CudaImages, ConvolutionsAndTheirGradients) {
  const ConvCase none{{0, 5, 5, 2}, {3, 3, 2, 3}};
  for (const DType dtype : {DType::float32, DType::float64})
    for (const bool same : {false, true}) {
      for (const ConvCase& c : kConvs) compare_passes(noise_, c, dtype, same, tolerance_of(dtype));
      compare_passes(noise_, none, dtype, same, tolerance_of(dtype));
    }
}

TEST_P(CudaImages, ConvolutionsWithBiasAndActivation) {
  for (const ConvCase& c : {kConvs[1], kConvs[5], kConvs[7]})
    for (const DType dtype : {DType::float32, DType::float64})
      for (const int activation :
           {FusedActivation::none, FusedActivation::relu, FusedActivation::tanh, FusedActivation::sigmoid})
        compare_activated(noise_, c, dtype, true, activation, tolerance_of(dtype));
}

TEST_P(CudaImages, ConvolutionsOfHalfTypes) {
  for (const DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor x = noise_.tensor(dtype, {2, 6, 7, 3}), kernel = noise_.tensor(dtype, {3, 3, 3, 4});
    const Tensor expected = apply(ops::kConv, {x.cast("float32"), kernel.cast("float32")}, WindowAttrs{});
    expect_same(expected.cast(dtype), apply(ops::kConv, on_gpu({x, kernel}), WindowAttrs{}),
                dtype == DType::float16 ? 1e-3 : 8e-3, "half");
  }
}

struct PoolCase {
  Shape x;
  Dim pool_h, pool_w, stride_h, stride_w;
};
const PoolCase kPools[] = {{{1, 1, 1, 1}, 1, 1, 1, 1}, {{2, 6, 8, 3}, 2, 2, 2, 2},   {{2, 7, 9, 5}, 3, 3, 2, 2},
                           {{3, 8, 5, 4}, 2, 3, 1, 2}, {{1, 9, 9, 2}, 2, 2, 4, 3},   {{0, 4, 4, 2}, 2, 2, 2, 2},
                           {{2, 5, 5, 1}, 5, 5, 1, 1}, {{5, 30, 31, 33}, 3, 2, 2, 2}};
WindowAttrs attrs_of(const PoolCase& c, bool same) {
  WindowAttrs p;
  p.pool_h = c.pool_h, p.pool_w = c.pool_w;
  p.stride_h = c.stride_h, p.stride_w = c.stride_w;
  p.same = same;
  return p;
}

TEST_P(CudaImages, MaxPoolingOfAllTypes) {
  for (const PoolCase& c : kPools)
    for (const DType dtype :
         {DType::float32, DType::float64, DType::int8, DType::int16, DType::int32, DType::int64, DType::uint8})
      for (const bool same : {false, true})
        compare_devices(ops::kMaxPool, {noise_.tensor(dtype, c.x, 4)}, attrs_of(c, same));
}

// Equal elements: the gradient goes to the first of them.
TEST_P(CudaImages, MaxPoolingsGradients) {
  for (const PoolCase& c : kPools)
    for (const DType dtype : {DType::float32, DType::float64})
      for (const bool same : {false, true})
        for (const bool ties : {false, true}) {
          WindowAttrs p = attrs_of(c, same);
          const Tensor x = ties ? noise_.tensor(dtype, c.x, 2).round() : noise_.tensor(dtype, c.x);
          const Tensor dy = noise_.tensor(dtype, apply(ops::kMaxPool, {x}, p).shape());
          compare_devices(ops::kMaxPoolGather, {x, noise_.tensor(dtype, c.x)}, p);
          for (const int activation : {FusedActivation::none, FusedActivation::relu})
            for (const bool has_bias : {false, true}) {
              p.activation = activation;
              p.has_bias = has_bias;
              compare_devices(ops::kMaxPoolGrad, {x, dy}, p, tolerance_of(dtype));
            }
        }
}

TEST_P(CudaImages, PoolingTreatsNanAsTheCpuDoes) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from_span<float>(
      std::vector{nan, nan, 1.0f, nan, nan, nan, nan, 0.5f, -inf, -inf, nan, 2.0f, -inf, -inf, inf, inf}, {1, 4, 4, 1});
  const Tensor dy = noise_.tensor(DType::float32, {1, 2, 2, 1});
  WindowAttrs p = attrs_of(kPools[1], false);
  compare_devices(ops::kMaxPool, {x}, p);
  compare_devices(ops::kMaxPoolGather, {x, noise_.tensor(DType::float32, {1, 4, 4, 1})}, p);
  compare_devices(ops::kMaxPoolGrad, {x, dy}, p);
  compare_devices(ops::kAveragePool, {x}, p);
}

TEST_P(CudaImages, AveragePoolingAndItsGradient) {
  for (const PoolCase& c : kPools)
    for (const DType dtype : {DType::float32, DType::float64})
      for (const bool same : {false, true}) {
        WindowAttrs p = attrs_of(c, same);
        const Tensor y = compare_devices(ops::kAveragePool, {noise_.tensor(dtype, c.x)}, p, tolerance_of(dtype))[0];
        p.shape = c.x;
        compare_devices(ops::kAveragePoolGrad, {noise_.tensor(dtype, y.shape())}, p, tolerance_of(dtype));
      }
}

}  // namespace
}  // namespace kerata
