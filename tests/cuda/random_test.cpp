// Random numbers on the GPU: the CPU's, to the bit where no function is approximated.
#include "cuda/same_result.h"
#include "ops/random_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::RandomAttrs;

Tensor state_of(std::int64_t key, std::int64_t step) {
  return Tensor::from_span<std::int64_t>(std::vector<std::int64_t>{key, step}, {2});
}

const Shape kShapes[] = {{0}, {1}, {2}, {3}, {5}, {4, 4}, {1023}, {333, 7}, {30001}};

void expect_same_draw(const OpDef& op, RandomAttrs attrs, const golden::Tolerance& tolerance) {
  for (const Shape& shape : kShapes)
    for (std::int64_t stream : {std::int64_t{0}, std::int64_t{7}, std::int64_t{1} << 40}) {
      attrs.shape = shape;
      attrs.stream = stream;
      test::expect_same_op(op, {state_of(1234567890123 + stream, 17)}, attrs, tolerance);
    }
}

TEST(CudaRandom, UniformIsTheCpusToTheBit) {
  for (DType dtype : {DType::float32, DType::float64})
    for (const auto& [a, b] : {std::pair{0.0, 1.0}, {-0.3, 1.7}, {2.0, 2.0}, {1e6, 1e6 + 1}})
      expect_same_draw(ops::kRandomUniform, {.dtype = dtype, .a = a, .b = b}, {0, 0});
}

TEST(CudaRandom, BernoulliIsTheCpusToTheBit) {
  for (DType dtype : {DType::float32, DType::float64})
    for (double p : {0.0, 0.25, 0.7, 1.0}) expect_same_draw(ops::kBernoulli, {.dtype = dtype, .a = p}, {0, 0});
}

TEST(CudaRandom, IntegersAreTheCpus) {
  for (const auto& [a, b] : {std::pair{0.0, 10.0}, {-7.0, 100000.0}, {5.0, 6.0}})
    for (DType dtype : {DType::int32, DType::int64})
      expect_same_draw(ops::kRandint, {.dtype = dtype, .a = a, .b = b}, {0, 0});
}

TEST(CudaRandom, NormalAndTruncatedAreTheCpusButForRounding) {
  for (DType dtype : {DType::float32, DType::float64}) {
    expect_same_draw(ops::kRandomNormal, {.dtype = dtype, .a = 0.5, .b = 2}, {1e-5, 4e-6});
    expect_same_draw(ops::kTruncatedNormal, {.dtype = dtype, .a = -1, .b = 0.5}, {1e-6, 1e-7});
  }
}

TEST(CudaRandom, PermutationIsTheCpus) {
  for (Dim n : {0, 1, 2, 3, 4, 5, 10, 100, 1000, 20000})
    for (std::int64_t step : {0, 1, 2, 3})
      test::expect_same_op(ops::kPermutation, {state_of(99, step)},
                           RandomAttrs{.shape = {n}, .dtype = DType::int32, .stream = 3});
}

}  // namespace
}  // namespace kerata
