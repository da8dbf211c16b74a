// What cuBLASLt is asked for, on one that computes what its descriptors say (emulator/cublaslt.cpp): layouts of
// row-major matrices, transposes, batches, bias and relu, sums onto a result.
#include "cuda/driver/cublaslt.h"
#include "cuda/both_devices.h"
#include "cuda/ops/cublaslt_product.h"
#include "ops/linalg_attrs.h"
#include "ops/nn_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::FusedActivation;
using ops::MatmulAttrs;

double tolerance_of(DType dtype) { return dtype == DType::float64 ? 1e-12 : 2e-5; }

TEST(CudaCublasLt, IsThere) {
  ASSERT_NE(cuda::cublaslt_handle(0), nullptr);
  cuda::MatrixProduct product;
  product.m = product.n = product.k = 3;
  EXPECT_NE(cuda::make_cublaslt_product(0, product), nullptr);
  product.batch = {{2, 0, 0}, {3, 9, 0}};
  EXPECT_EQ(cuda::make_cublaslt_product(0, product), nullptr);
  product.batch.clear();
  product.dtype = product.result = DType::int32;
  EXPECT_EQ(cuda::make_cublaslt_product(0, product), nullptr);
}

TEST(CudaCublasLt, MultipliesRowMajorMatrices) {
  Noise noise;
  for (const auto& [m, k, n] : {std::tuple<Dim, Dim, Dim>{3, 5, 2}, {1, 1, 1}, {1, 7, 4}, {8, 16, 12}, {5, 0, 3}})
    for (const DType dtype : {DType::float32, DType::float64})
      for (const bool trans_a : {false, true})
        for (const bool trans_b : {false, true})
          for (const bool has_bias : {false, true})
            for (const int activation : {FusedActivation::none, FusedActivation::relu, FusedActivation::sigmoid}) {
              std::vector<Tensor> in{noise.tensor(dtype, trans_a ? Shape{k, m} : Shape{m, k}),
                                     noise.tensor(dtype, trans_b ? Shape{n, k} : Shape{k, n})};
              if (has_bias) in.push_back(noise.tensor(dtype, {n}));
              compare_devices(ops::kMatmul, in, MatmulAttrs{trans_a, trans_b, has_bias, activation},
                              tolerance_of(dtype));
            }
}

TEST(CudaCublasLt, MultipliesBatches) {
  Noise noise;
  const std::pair<Shape, Shape> cases[] = {{{4, 3, 5}, {5, 6}},
                                           {{4, 3, 5}, {4, 5, 6}},
                                           {{3, 5}, {4, 5, 6}},
                                           {{2, 1, 3, 5}, {1, 4, 5, 6}},
                                           {{2, 4, 3, 5}, {2, 4, 5, 6}}};
  for (const auto& [a, b] : cases)
    for (const DType dtype : {DType::float32, DType::float64})
      compare_devices(ops::kMatmul, {noise.tensor(dtype, a), noise.tensor(dtype, b)}, MatmulAttrs{},
                      tolerance_of(dtype));
}

// Operands and results are rounded to the half type, sums are not.
TEST(CudaCublasLt, MultipliesHalfTypes) {
  Noise noise;
  for (const DType dtype : {DType::float16, DType::bfloat16})
    for (const bool trans_a : {false, true})
      for (const int activation : {FusedActivation::none, FusedActivation::relu, FusedActivation::tanh}) {
        const Tensor a = noise.tensor(dtype, trans_a ? Shape{6, 4} : Shape{4, 6}), b = noise.tensor(dtype, {6, 3}),
                     bias = noise.tensor(dtype, {3});
        const MatmulAttrs attrs{.trans_a = trans_a, .has_bias = true, .activation = activation};
        const Tensor exact =
            apply(ops::kMatmul, {a.cast("float32"), b.cast("float32"), bias.cast("float32")}, attrs).cast(dtype);
        expect_same(exact, apply(ops::kMatmul, on_gpu({a, b, bias}), attrs), dtype == DType::float16 ? 1e-3 : 8e-3,
                    "half");
      }
  cuda::MatrixProduct product;
  product.dtype = product.result = DType::bfloat16;
  product.m = product.n = product.k = 8;
  EXPECT_NE(cuda::make_cublaslt_product(0, product), nullptr);
}

TEST(CudaCublasLt, RoundsToTf32WhereThatIsAllowed) {
  Noise noise;
  const Tensor a = noise.tensor(DType::float32, {5, 40}), b = noise.tensor(DType::float32, {40, 6});
  const Tensor exact = ops::matmul(a, b);
  auto error = [&] {
    const Tensor found = ops::matmul(a.to(Device::cuda()), b.to(Device::cuda())).to(Device::cpu());
    return ops::max(ops::abs(found - exact)).item();
  };
  EXPECT_FALSE(utils::tensor_float_32_execution_enabled());
  EXPECT_LT(error(), 2e-6);
  utils::enable_tensor_float_32_execution(true);
  EXPECT_TRUE(utils::tensor_float_32_execution_enabled());
  EXPECT_GT(error(), 1e-5);
  EXPECT_LT(error(), 1e-2);
  utils::enable_tensor_float_32_execution(false);
  EXPECT_LT(error(), 2e-6);
}

// A model that has run is compiled anew.
TEST(CudaCublasLt, AModelFollowsTheTf32Switch) {
  Noise noise;
  Model model = Sequential({Input({40}), layers::Dense(3)});
  const Tensor x = noise.tensor(DType::float32, {4, 40});
  const Tensor exact = model.predict(x, {.verbose = 0});
  model.to(Device::cuda());
  auto error = [&] { return ops::max(ops::abs(model.predict(x, {.verbose = 0}) - exact)).item(); };
  EXPECT_LT(error(), 2e-6);
  utils::enable_tensor_float_32_execution(true);
  EXPECT_GT(error(), 1e-5);
  utils::enable_tensor_float_32_execution(false);
  EXPECT_LT(error(), 2e-6);
}

TEST(CudaCublasLt, UpdatesAMatrix) {
  Noise noise;
  for (const DType dtype : {DType::float32, DType::float64})
    for (const auto& [m, k, n] : {std::tuple<Dim, Dim, Dim>{4, 3, 5}, {1, 1, 1}, {9, 8, 16}})
      compare_devices(ops::kMatmulUpdate,
                      {noise.tensor(dtype, {k, n}), noise.tensor(dtype, {m, k}), noise.tensor(dtype, {m, n}),
                       ops::full({}, 0.5, dtype)},
                      {}, tolerance_of(dtype));
}

TEST(CudaCublasLt, TakesMemoryThatIsNotAligned) {
  Noise noise;
  const Tensor x = noise.tensor(DType::float32, {40});
  auto part = [](const Tensor& t) { return t.slice({.start = 1, .stop = 25}).reshape({4, 6}); };
  const Tensor b = noise.tensor(DType::float32, {6, 8}), bias = noise.tensor(DType::float32, {8});
  const Tensor a = part(x.to(Device::cuda()));
  ASSERT_NE(reinterpret_cast<std::uintptr_t>(output_of(a).data()) % 16, 0u);
  const MatmulAttrs attrs{.has_bias = true};
  expect_same(apply(ops::kMatmul, {part(x), b, bias}, attrs),
              apply(ops::kMatmul, {a, b.to(Device::cuda()), bias.to(Device::cuda())}, attrs), 1e-5, "matmul");
}

// Products with steps between rows, onto what is there.
TEST(CudaCublasLt, CarriesAnLstm) {
  Noise noise;
  for (const DType dtype : {DType::float32, DType::float64}) {
    std::vector<Tensor> in{noise.tensor(dtype, {3, 4, 5}), noise.tensor(dtype, {3, 2}), noise.tensor(dtype, {3, 2}),
                           noise.tensor(dtype, {5, 8}),    noise.tensor(dtype, {2, 8}), noise.tensor(dtype, {8})};
    const std::vector<Tensor> out = apply_all(ops::kLstm, in, ops::LstmAttrs{});
    compare_devices(ops::kLstm, in, ops::LstmAttrs{}, tolerance_of(dtype));
    for (const std::size_t i : {0, 3, 4}) in.push_back(out[i]);
    in.push_back(noise.tensor(dtype, {3, 4, 2}));
    compare_devices(ops::kLstmGrad, in, ops::LstmGradAttrs{.has_dh = true}, tolerance_of(dtype));
  }
}

}  // namespace
}  // namespace kerata
