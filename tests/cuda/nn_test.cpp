// softmax, cross-entropies and batch normalization on the GPU against the CPU's.
#include "cuda/same_result.h"
#include "graph/node.h"
#include "kerata/ops/control.h"
#include "ops/nn_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::SoftmaxAttrs;
using test::expect_same_op;
using test::numbers_of;

struct Case {
  Shape x;
  Dim axis;
};
// Rows of few lanes, a warp, a block, longer than a block keeps; columns narrow and wide; nothing.
const Case kSoftmax[] = {{{1}, 0},       {{1, 1}, 1},   {{3, 10}, 1},    {{70, 33}, 1},
                         {{5, 250}, 1},  {{4, 257}, 1}, {{2, 2048}, 1},  {{3, 2049}, 1},
                         {{2, 9000}, 1}, {{10, 3}, 0},  {{2, 30, 7}, 1}, {{2, 3, 300}, 1},
                         {{500, 2}, 0},  {{0, 4}, 1},   {{4, 0}, 1},     {{300, 40}, 0}};

TEST(CudaSoftmax, EqualsTheCpu) {
  for (const Case& c : kSoftmax)
    for (DType dtype : {DType::float32, DType::float64})
      for (const OpDef* op : {&ops::kSoftmax, &ops::kLogSoftmax})
        expect_same_op(*op, {numbers_of(dtype, c.x, -9, 9)}, SoftmaxAttrs{c.axis});
}

TEST(CudaSoftmax, HalfTypesAreComputedInFloat32) {
  for (DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor x = numbers_of(dtype, {5, 40}, -3, 3);
    const Tensor expected = apply(ops::kSoftmax, {x.cast("float32")}, SoftmaxAttrs{1}).cast(dtype);
    test::expect_same({apply(ops::kSoftmax, {x.to(Device::cuda())}, SoftmaxAttrs{1})}, {expected}, {8e-3, 1e-6});
  }
}

TEST(CudaSoftmax, InfinitiesAndNanAreAsOnTheCpu) {
  const float nan = NAN, inf = INFINITY;
  for (const std::vector<float>& row : {std::vector<float>{-inf, 1, 2},
                                        {1, -inf, -inf},
                                        {nan, 1, 2},
                                        {1, nan, -inf},
                                        {1, inf, 2},
                                        {-inf, -inf, -inf},
                                        {1000, -1000, 1000},
                                        {-200, 200, -200}}) {
    std::vector<float> many;  // longer than what a block keeps
    for (int i = 0; i < 1000; ++i) many.insert(many.end(), row.begin(), row.end());
    for (const OpDef* op : {&ops::kSoftmax, &ops::kLogSoftmax}) {
      expect_same_op(*op, {Tensor::from_span<float>(row, {1, 3})}, SoftmaxAttrs{1});
      expect_same_op(*op, {Tensor::from_span<float>(row, {3, 1})}, SoftmaxAttrs{0});
      expect_same_op(*op, {Tensor::from_span<float>(many, {1, 3000})}, SoftmaxAttrs{1}, {1e-5, 0});
      expect_same_op(*op, {Tensor::from_span<float>(many, {1000, 3})}, SoftmaxAttrs{0}, {1e-5, 0});
    }
  }
}

// Nobody else holds the input: the result takes its memory.
void expect_in_place(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs) {
  const Tensor expected = apply(op, inputs, attrs);
  std::vector<Tensor> moved = test::on_gpu(inputs);
  const auto* memory = output_of(moved[0]).buffer.get();
  const Tensor found = apply(op, std::move(moved), attrs);
  EXPECT_EQ(output_of(found).buffer.get(), memory);
  test::expect_same({found}, {expected}, {2e-6, 2e-6});
}

TEST(CudaSoftmax, WritesOverItsInput) {
  for (const Case& c : {Case{{9, 10}, 1}, {{3, 700}, 1}, {{3, 2500}, 1}, {{3, 500, 7}, 1}})
    for (const OpDef* op : {&ops::kSoftmax, &ops::kLogSoftmax})
      expect_in_place(*op, {numbers_of(DType::float32, c.x, -9, 9)}, SoftmaxAttrs{c.axis});
}

TEST(CudaCrossEntropy, WritesOverItsInput) {
  const Tensor x = numbers_of(DType::float32, {300, 7}, 0, 1), g = numbers_of(DType::float32, {300}, 0, 1);
  expect_in_place(ops::kSparseSoftmaxGrad, {x, numbers_of(DType::int32, {300}, 0, 6.9), g}, {});
  expect_in_place(ops::kSigmoidCrossEntropy, {x, numbers_of(DType::float32, {300, 7}, 0, 1, 0.8)}, {});
}

const DType kLabels[] = {DType::int8,    DType::int16,   DType::int32,   DType::int64,  DType::uint8,
                         DType::float32, DType::float64, DType::float16, DType::boolean};

TEST(CudaCrossEntropy, SparseEqualsTheCpu) {
  const Shape logits[] = {{1, 2}, {70, 10}, {3, 4, 33}, {5, 300}, {2, 3000}, {0, 5}, {4, 1}};
  for (const Shape& shape : logits)
    for (DType label : kLabels) {
      const Shape rows(shape.begin(), shape.end() - 1);
      const double last = static_cast<double>(std::min<Dim>(shape.back(), 120)) - 0.01;
      const Tensor labels = shape.back() == 1 ? ops::zeros(rows, Choice<DType>::parse("int32")).cast(label)
                                              : numbers_of(label, rows, 0, last);
      for (DType dtype : {DType::float32, DType::float64}) {
        const Tensor x = numbers_of(dtype, shape, -5, 5), g = numbers_of(dtype, rows, -1, 1, 0.9);
        expect_same_op(ops::kSparseSoftmaxCrossEntropy, {x, labels}, {});
        expect_same_op(ops::kSparseSoftmaxGrad, {numbers_of(dtype, shape, 0, 1), labels, g}, {});
      }
    }
}

TEST(CudaCrossEntropy, ReportsALabelOutOfRange) {
  const Tensor x = ops::zeros({2, 5}).to(Device::cuda()), g = ops::zeros({2}).to(Device::cuda());
  for (int bad : {-1, 5}) {
    const Tensor labels = Tensor::from_span<int>(std::vector<int>{2, bad}, {2}).to(Device::cuda());
    const std::string text = "Index " + std::to_string(bad) + " is out of range. Expected an index in [0, 5).";
    EXPECT_ERROR_WITH(ValueError, apply(ops::kSparseSoftmaxCrossEntropy, {x, labels}), text);
    EXPECT_ERROR_WITH(ValueError, apply(ops::kSparseSoftmaxGrad, {x, labels, g}), text);
  }
  const Tensor good = Tensor::from_span<int>(std::vector<int>{2, 4}, {2}).to(Device::cuda());
  EXPECT_NEAR(apply(ops::kSparseSoftmaxCrossEntropy, {x, good}).to_vector<float>()[1], std::log(5.0), 1e-6);
}

TEST(CudaCrossEntropy, SigmoidEqualsTheCpu) {
  for (const Shape& shape : {Shape{1}, Shape{7}, Shape{40, 50}, Shape{0, 3}})
    for (DType dtype : {DType::float32, DType::float64})
      expect_same_op(ops::kSigmoidCrossEntropy,
                     {numbers_of(dtype, shape, -30, 30), numbers_of(dtype, shape, 0, 1, 0.8)}, {});
  const Tensor x = Tensor::from_span<float>(std::vector<float>{NAN, INFINITY, -INFINITY, 100, -100}, {5});
  expect_same_op(ops::kSigmoidCrossEntropy, {x, ops::zeros({5})}, {});
}

TEST(CudaBatchNorm, EqualsTheCpu) {
  const Shape shapes[] = {{1, 1}, {5, 3}, {1000, 20}, {2, 3, 4, 33}, {9000, 2}, {100, 300}, {0, 3}, {4, 0}};
  for (const Shape& shape : shapes)
    for (DType dtype : {DType::float32, DType::float64}) {
      const Shape channels{shape.back()};
      const Tensor x = numbers_of(dtype, shape, -2, 3), gamma = numbers_of(dtype, channels, 0.5, 2, 0.1),
                   beta = numbers_of(dtype, channels, -1, 1, 0.2), dy = numbers_of(dtype, shape, -1, 1, 0.7);
      const ops::BatchNormAttrs attrs{1e-3};
      expect_same_op(ops::kBatchNorm, {x, gamma, beta}, attrs, {1e-5, 1e-5});
      const std::vector<Tensor> forward = apply_all(ops::kBatchNorm, {x, gamma, beta}, attrs);
      expect_same_op(ops::kBatchNormGrad, {x, gamma, forward[1], forward[2], dy}, attrs,
                     {1e-5, 1e-7 * static_cast<double>(shape.size() + 100)});
    }
}

// Statistics and factors stay float32; the results are rounded once.
TEST(CudaBatchNorm, TakesImagesOfHalfTypes) {
  for (const Shape& shape : {Shape{5, 3}, Shape{1000, 20}, Shape{2, 3, 4, 33}, Shape{0, 3}})
    for (const DType half : {DType::float16, DType::bfloat16}) {
      const Shape channels{shape.back()};
      const Tensor x = numbers_of(half, shape, -2, 3), gamma = numbers_of(DType::float32, channels, 0.5, 2, 0.1),
                   beta = numbers_of(DType::float32, channels, -1, 1, 0.2), dy = numbers_of(half, shape, -1, 1, 0.7);
      const ops::BatchNormAttrs attrs{1e-3};
      const double once = half == DType::float16 ? 1e-3 : 8e-3;
      expect_same_op(ops::kBatchNorm, {x, gamma, beta}, attrs, {once, 1e-5});
      const std::vector<Tensor> y = apply_all(ops::kBatchNorm, {x, gamma, beta}, attrs);
      EXPECT_EQ(y[0].dtype(), half);
      EXPECT_EQ(y[1].dtype(), DType::float32);
      const double summed = 1e-7 * static_cast<double>(shape.size() + 100);
      expect_same_op(ops::kBatchNormGrad, {x, gamma, y[1], y[2], dy}, attrs, {once, summed});
    }
}

TEST(CudaBatchNorm, FarFromZeroKeepsItsVariance) {
  const Tensor wide = numbers_of(DType::float64, {5000, 3}, 999.9, 1000.1);
  const Tensor x = wide.cast("float32");
  const Tensor ones = ops::ones({3}).to(Device::cuda()), zeros = ops::zeros({3}).to(Device::cuda());
  const std::vector<Tensor> found =
      apply_all(ops::kBatchNorm, {x.to(Device::cuda()), ones, zeros}, ops::BatchNormAttrs{1e-3});
  golden::expect_near_all(found[2].to(Device::cpu()), ops::var(x.cast("float64"), {.axis = 0}).cast("float32"),
                          {1e-3, 0});
}

TEST(CudaControl, CustomGradientCopies) {
  const Tensor x = numbers_of(DType::float32, {3, 4}, -1, 1).to(Device::cuda());
  const Tensors y = ops::custom_gradient(
      [](const Tensors& in) {
        return ops::WithGradient{{in[0] + in[0], in[0]}, [](const Tensors& g) { return Tensors(g[0]); }};
      },
      x);
  EXPECT_EQ(y[0].device(), Device::cuda());
  EXPECT_EQ(y[0].to_vector<float>(), (x + x).to_vector<float>());
  EXPECT_EQ(y[1].to_vector<float>(), x.to_vector<float>());
}

}  // namespace
}  // namespace kerata
