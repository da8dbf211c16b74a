// Pooling of bfloat16 is that of float32, rounded once.
#include <gtest/gtest.h>

#include "cpu/run_kernel.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using ops::WindowAttrs;
using test::wave;

struct PoolCase {
  Shape x;
  Dim pool, stride;
  bool same = false;
};

class Bfloat16Pool : public testing::TestWithParam<PoolCase> {
 protected:
  void expect_rounded(const OpDef& op, const std::vector<Tensor>& inputs) {
    test::expect_rounded_once(op, inputs, Attrs(p), std::string(op.name), 0);
  }
  const PoolCase& c = GetParam();
  WindowAttrs p{
      .stride_h = c.stride, .stride_w = c.stride, .pool_h = c.pool, .pool_w = c.pool, .same = c.same, .shape = c.x};
  const Tensor x = wave(c.x, 1);
  const Tensor dy = wave(test::run_kernel(kernels(), ops::kMaxPool, {x}, Attrs(p))[0].shape(), 2);
};

TEST_P(Bfloat16Pool, OfAverages) {
  expect_rounded(ops::kAveragePool, {x});
  expect_rounded(ops::kAveragePoolGrad, {dy});
}

TEST_P(Bfloat16Pool, OfMaxima) {
  for (int activation : {ops::FusedActivation::none, ops::FusedActivation::relu}) {
    p.activation = activation;
    p.has_bias = false;
    expect_rounded(ops::kMaxPool, {x});
    expect_rounded(ops::kMaxPoolGrad, {x, dy});
    p.has_bias = true;
    expect_rounded(ops::kMaxPoolGrad, {x, dy});
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Bfloat16Pool,
                         testing::Values(PoolCase{{2, 6, 6, 3}, 2, 2}, PoolCase{{3, 7, 5, 16}, 2, 2},
                                         PoolCase{{2, 9, 8, 40}, 2, 3}, PoolCase{{2, 9, 8, 19}, 3, 2},
                                         PoolCase{{2, 9, 8, 19}, 3, 3, true}, PoolCase{{2, 8, 8, 5}, 3, 1, true}));

TEST(Bfloat16Pool, MaximaOfNanAreNan) {
  std::vector<float> pixels(2 * 4 * 4 * 3, -1.0f);
  pixels[7] = std::nanf("");
  pixels[40] = INFINITY;
  const Tensor x = Tensor::from_span<float>(pixels, {2, 4, 4, 3});
  const WindowAttrs p{.stride_h = 2, .stride_w = 2, .pool_h = 2, .pool_w = 2};
  test::expect_rounded_once(ops::kMaxPool, {x}, Attrs(p), "max_pool", 0);
}

}  // namespace
}  // namespace kerata
