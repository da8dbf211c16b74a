// Products of bfloat16 in every form that kMatmul has, large enough for a kernel of their own and smaller.
#include <gtest/gtest.h>

#include <thread>

#include "cpu/run_kernel.h"
#include "ops/linalg_attrs.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using test::wave;

// Matrices (batch_a, m, k) and (batch_b, k, n), stored transposed or not.
struct MatmulCase {
  Shape batch_a, batch_b;
  Dim m, n, k;
};

Tensor matrices(const Shape& batch, Dim rows, Dim columns, bool transposed, double seed) {
  std::vector<Dim> shape(batch.begin(), batch.end());
  shape.push_back(transposed ? columns : rows);
  shape.push_back(transposed ? rows : columns);
  return wave(Shape(shape), seed);
}

TEST(Bfloat16Matmul, IsFloat32RoundedOnce) {
  const MatmulCase cases[] = {{{}, {}, 1, 1, 1},        {{}, {}, 5, 4, 7},           {{}, {}, 64, 64, 64},
                              {{}, {}, 33, 65, 131},    {{}, {}, 1, 300, 784},       {{}, {}, 300, 1, 784},
                              {{}, {}, 300, 784, 1},    {{}, {}, 64, 10, 1601},      {{3}, {3}, 33, 31, 70},
                              {{7}, {}, 17, 40, 129},   {{}, {5}, 17, 40, 129},      {{5}, {1}, 17, 40, 129},
                              {{1}, {5}, 17, 40, 129},  {{2, 3}, {2, 3}, 9, 64, 64}, {{2, 1}, {1, 3}, 40, 41, 42},
                              {{64}, {64}, 16, 16, 16}, {{0}, {0}, 64, 64, 64},      {{}, {}, 64, 64, 0}};
  for (const MatmulCase& c : cases)
    for (bool trans_a : {false, true})
      for (bool trans_b : {false, true}) {
        ops::MatmulAttrs p;
        p.trans_a = trans_a;
        p.trans_b = trans_b;
        const Tensor a = matrices(c.batch_a, c.m, c.k, trans_a, 1), b = matrices(c.batch_b, c.k, c.n, trans_b, 2);
        test::expect_rounded_once(ops::kMatmul, {a, b}, Attrs(p), to_string(a.shape()) + " " + to_string(b.shape()));
      }
}

TEST(Bfloat16Matmul, BiasAndActivationAreAppliedBeforeRounding) {
  ops::MatmulAttrs p;
  p.has_bias = true;
  p.activation = ops::FusedActivation::relu;
  test::expect_rounded_once(ops::kMatmul, {wave({64, 70}, 1), wave({70, 65}, 2), wave({65}, 3)}, Attrs(p), "relu");
}

TEST(Bfloat16Matmul, NanAndInfinityComeThrough) {
  for (const float value : {std::nanf(""), INFINITY}) {
    std::vector<float> numbers(64 * 64, 0.5f);
    numbers[64 * 3 + 5] = value;
    const Tensor a = Tensor::from_span<float>(numbers, {64, 64});
    test::expect_rounded_once(ops::kMatmul, {a, wave({64, 64}, 2)}, Attrs(ops::MatmulAttrs{}), "");
  }
}

TEST(Bfloat16Matmul, OneKernelRunsOnSeveralThreadsAtOnce) {
  const Tensor a = wave({96, 200}, 1).cast("bfloat16"), b = wave({200, 80}, 2).cast("bfloat16");
  const Attrs attrs(ops::MatmulAttrs{});
  const std::vector<ValueType> in{{a.dtype(), a.shape()}, {b.dtype(), b.shape()}}, out = ops::kMatmul.infer(in, attrs);
  const auto kernel = kernels().prepare({ops::kMatmul, in, out, attrs});
  const void* from[] = {output_of(a).data(), output_of(b).data()};
  const Tensor expected = test::run_kernel(kernels(), ops::kMatmul, {a, b}, attrs)[0];
  std::vector<Tensor> found;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) found.push_back(concrete(out[0]));
  for (const Tensor& y : found)
    threads.emplace_back([&, to = output_of(y).data()] {
      const BufferPtr workspace = kernel->workspace_bytes ? allocate(kernel->workspace_bytes) : nullptr;
      KernelStatus status;
      void* result = to;
      for (int i = 0; i < 50; ++i) kernel->run({from, &result, workspace ? workspace->data() : nullptr, &status});
    });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& y : found) EXPECT_EQ(y.to_vector<float>(), expected.to_vector<float>());
}

}  // namespace
}  // namespace kerata
