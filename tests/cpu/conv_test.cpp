// Convolution kernels against their definition; native ones against oneDNN's where there is oneDNN.
#include "kerata/ops/nn.h"

#include <algorithm>
#include <cmath>

#include "cpu/register.h"
#include "cpu/run_kernel.h"
#include "kerata/ops/math.h"
#include "ops/nn_attrs.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using golden::expect_near_all;
using ops::WindowAttrs;
using test::wave;

// Only the kernels of our own.
const KernelRegistry& native() {
  static const KernelRegistry registry = [] {
    KernelRegistry made;
    cpu::register_nn_kernels(made);
    return made;
  }();
  return registry;
}

Tensor run(const KernelRegistry& registry, const OpDef& op, const std::vector<Tensor>& inputs, const WindowAttrs& p) {
  return test::run_kernel(registry, op, inputs, Attrs(p))[0];
}

struct ConvCase {
  Shape x, kernel;
  Dim stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  bool same = false;
};

// y[n, i, j, f] = sum x[n, i s + a d - pad, ...] k[a, b, c, f]
std::vector<double> plain_conv(const Tensor& x, const Tensor& kernel, const ConvCase& c, const Shape& y) {
  const Shape xs = x.shape(), ks = kernel.shape();
  const std::vector<double> xv = x.to_vector<double>(), kv = kernel.to_vector<double>();
  auto before = [&](Dim out, Dim stride, Dim window, Dim dilation, Dim in) {
    return c.same ? std::max<Dim>(0, (out - 1) * stride + (window - 1) * dilation + 1 - in) / 2 : 0;
  };
  const Dim top = before(y[1], c.stride_h, ks[0], c.dilation_h, xs[1]),
            left = before(y[2], c.stride_w, ks[1], c.dilation_w, xs[2]);
  std::vector<double> result;
  for (Dim n = 0; n < y[0]; ++n)
    for (Dim i = 0; i < y[1]; ++i)
      for (Dim j = 0; j < y[2]; ++j)
        for (Dim f = 0; f < y[3]; ++f) {
          double total = 0;
          const Dim group = f / (y[3] / (xs[3] / ks[2]));
          for (Dim a = 0; a < ks[0]; ++a)
            for (Dim b = 0; b < ks[1]; ++b)
              for (Dim d = 0; d < ks[2]; ++d) {
                const Dim r = i * c.stride_h + a * c.dilation_h - top, s = j * c.stride_w + b * c.dilation_w - left;
                if (r < 0 || r >= xs[1] || s < 0 || s >= xs[2]) continue;
                total += xv[static_cast<std::size_t>(((n * xs[1] + r) * xs[2] + s) * xs[3] + group * ks[2] + d)] *
                         kv[static_cast<std::size_t>(((a * ks[1] + b) * ks[2] + d) * ks[3] + f)];
              }
          result.push_back(total);
        }
  return result;
}

WindowAttrs attrs_of(const ConvCase& c) {
  return {.stride_h = c.stride_h,
          .stride_w = c.stride_w,
          .dilation_h = c.dilation_h,
          .dilation_w = c.dilation_w,
          .same = c.same};
}

class ConvKernel : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvKernel, EqualsItsDefinition) {
  const ConvCase& c = GetParam();
  const Tensor x = wave(c.x, 1), k = wave(c.kernel, 2);
  const WindowAttrs p = attrs_of(c);
  const Tensor y = run(native(), ops::kConv, {x, k}, p);
  const std::vector<double> expected = plain_conv(x, k, c, y.shape());
  expect_near_all(y.to_vector<double>(), expected, {1e-12, 1e-12}, "float64");
  const std::vector<Tensor> small{x.cast("float32"), k.cast("float32")};
  expect_near_all(run(native(), ops::kConv, small, p).to_vector<double>(), expected, {1e-5, 1e-5}, "float32");
  expect_near_all(run(kernels(), ops::kConv, small, p).to_vector<double>(), expected, {1e-5, 1e-5}, "best");
}

TEST_P(ConvKernel, GradientsOfAllKernelsAgree) {
  const ConvCase& c = GetParam();
  const Tensor x = wave(c.x, 1), k = wave(c.kernel, 2);
  WindowAttrs p = attrs_of(c);
  const Tensor dy = wave(run(native(), ops::kConv, {x, k}, p).shape(), 3);
  for (const auto& [op, first] : {std::pair{&ops::kConvInputGrad, k}, std::pair{&ops::kConvKernelGrad, x}}) {
    p.shape = op == &ops::kConvInputGrad ? c.x : c.kernel;
    const Tensor expected = run(native(), *op, {first, dy}, p).cast("float32");
    const std::vector<Tensor> small{first.cast("float32"), dy.cast("float32")};
    expect_near_all(run(native(), *op, small, p), expected, {1e-5, 5e-5}, std::string(op->name) + " native");
    expect_near_all(run(kernels(), *op, small, p), expected, {1e-5, 5e-5}, std::string(op->name) + " best");
  }
}

TEST_P(ConvKernel, Bfloat16IsFloat32RoundedOnce) {
  const ConvCase& c = GetParam();
  const Tensor x = wave(c.x, 1), k = wave(c.kernel, 2);
  WindowAttrs p = attrs_of(c);
  const Tensor dy = wave(run(native(), ops::kConv, {x, k}, p).shape(), 3);
  test::expect_rounded_once(ops::kConv, {x, k}, Attrs(p), "conv");
  p.shape = c.x;
  test::expect_rounded_once(ops::kConvInputGrad, {k, dy}, Attrs(p), "conv_input_grad");
  p.shape = c.kernel;
  test::expect_rounded_once(ops::kConvKernelGrad, {x, dy}, Attrs(p), "conv_kernel_grad");
}

TEST_P(ConvKernel, FusedBiasAndActivationEqualSeparateOps) {
  const ConvCase& c = GetParam();
  const Tensor x = wave(c.x, 1).cast("float32"), k = wave(c.kernel, 2).cast("float32"),
               b = wave({c.kernel[3]}, 4).cast("float32");
  WindowAttrs p = attrs_of(c);
  const Tensor plain = run(native(), ops::kConv, {x, k}, p) + b;
  const Tensor curves[] = {plain, ops::maximum(plain, 0), ops::tanh(plain), ops::sigmoid(plain)};
  p.has_bias = true;
  for (int activation = 0; activation < 4; ++activation) {
    p.activation = activation;
    expect_near_all(run(native(), ops::kConv, {x, k, b}, p), curves[activation], {1e-5, 1e-5}, "native");
    expect_near_all(run(kernels(), ops::kConv, {x, k, b}, p), curves[activation], {1e-5, 1e-5}, "best");
  }
}

// As the golden cases have it for convolution and activation apart.
TEST_P(ConvKernel, FusedActivationsKeepNan) {
  const ConvCase& c = GetParam();
  std::vector<double> pixels = wave(c.x, 1).to_vector<double>();
  pixels[0] = pixels[pixels.size() / 2] = pixels.back() = std::nan("");
  const Tensor x = Tensor::from_span<double>(pixels, c.x).cast("float32"), k = wave(c.kernel, 2).cast("float32"),
               b = wave({c.kernel[3]}, 4).cast("float32");
  WindowAttrs p = attrs_of(c);
  const Tensor plain = run(native(), ops::kConv, {x, k}, p) + b;
  const Tensor curves[] = {plain, ops::relu(plain), ops::tanh(plain), ops::sigmoid(plain)};
  p.has_bias = true;
  for (int activation = 0; activation < 4; ++activation) {
    p.activation = activation;
    for (const KernelRegistry* registry : {&native(), static_cast<const KernelRegistry*>(&kernels())}) {
      const std::vector<double> y = run(*registry, ops::kConv, {x, k, b}, p).to_vector<double>();
      EXPECT_GT(std::count_if(y.begin(), y.end(), [](double v) { return std::isnan(v); }), 0);
      expect_near_all(y, curves[activation].to_vector<double>(), {1e-5, 1e-5}, std::to_string(activation));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvKernel,
    testing::Values(ConvCase{{2, 9, 8, 3}, {3, 3, 3, 16}}, ConvCase{{3, 28, 28, 1}, {3, 3, 1, 32}},
                    ConvCase{{2, 13, 13, 32}, {3, 3, 32, 64}}, ConvCase{{12, 60, 60, 2}, {3, 3, 2, 33}},
                    ConvCase{{2, 9, 9, 17}, {3, 3, 17, 5}, 1, 1, 1, 1, true},
                    ConvCase{{2, 10, 9, 4}, {5, 3, 4, 8}, 2, 3, 1, 1, true},
                    ConvCase{{2, 10, 9, 4}, {2, 2, 4, 8}, 2, 2, 1, 1, true},
                    ConvCase{{2, 12, 12, 4}, {3, 3, 4, 8}, 1, 1, 2, 3, true}, ConvCase{{4, 7, 7, 8}, {1, 1, 8, 12}},
                    ConvCase{{2, 8, 8, 8}, {1, 1, 8, 4}, 2, 2}, ConvCase{{2, 8, 8, 6}, {3, 3, 2, 9}, 1, 1, 1, 1, true},
                    ConvCase{{2, 8, 8, 16}, {3, 3, 1, 16}, 2, 2, 1, 1, true},
                    ConvCase{{1, 40, 40, 64}, {3, 3, 64, 8}, 1, 1, 1, 1, true},
                    ConvCase{{5, 20, 19, 17}, {3, 3, 17, 24}, 2, 3, 1, 1, true},
                    ConvCase{{9, 17, 16, 16}, {4, 2, 16, 21}, 2, 2},
                    ConvCase{{3, 16, 17, 32}, {3, 3, 8, 32}, 1, 1, 1, 1, true},
                    ConvCase{{3, 16, 17, 32}, {3, 3, 16, 40}, 1, 1, 1, 1, true},
                    ConvCase{{2, 15, 16, 16}, {3, 3, 16, 32}, 1, 1, 2, 3, true},
                    ConvCase{{4, 15, 16, 16}, {3, 2, 16, 30}, 1, 1, 3, 2}, ConvCase{{7, 14, 14, 33}, {1, 1, 33, 47}},
                    ConvCase{{9, 27, 28, 16}, {1, 1, 16, 48}, 2, 2}));

TEST(ConvKernel, TakesAnEmptyBatch) {
  const Tensor x = ops::zeros({0, 5, 5, 2}), k = ops::ones({3, 3, 2, 4});
  EXPECT_EQ(ops::conv(x, k).shape(), (Shape{0, 3, 3, 4}));
  WindowAttrs p;
  p.shape = {3, 3, 2, 4};
  expect_near_all(run(kernels(), ops::kConvKernelGrad, {x, ops::zeros({0, 3, 3, 4})}, p), ops::zeros({3, 3, 2, 4}));
}

}  // namespace
}  // namespace kerata
