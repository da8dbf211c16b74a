// Ops that move elements: the GPU's results are the CPU's, byte by byte.
#include "cuda/both_devices.h"
#include "cuda/ops/sources.h"
#include "ops/control_attrs.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::SliceAttrs;

/// With indices of 32 bits, and with those that tensors of more than 2^30 elements need.
class CudaMoves : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { cuda::force_wide_indices(GetParam()); }
  void TearDown() override { cuda::force_wide_indices(false); }
  Noise noise_;
};
INSTANTIATE_TEST_SUITE_P(Indices, CudaMoves, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Wide" : "Narrow"; });

TEST_P(CudaMoves, Transposes) {
  struct Case {
    Shape shape;
    std::vector<Dim> axes;
  };
  const Case cases[] = {{{3, 5}, {1, 0}},
                        {{64, 96}, {1, 0}},
                        {{33, 65}, {1, 0}},
                        {{1, 7}, {1, 0}},
                        {{0, 4}, {1, 0}},
                        {{2, 3, 4}, {2, 0, 1}},
                        {{8, 40, 33}, {0, 2, 1}},
                        {{40, 8, 33}, {2, 1, 0}},
                        {{5, 9, 16}, {1, 0, 2}},
                        {{5, 9, 7}, {1, 0, 2}},
                        {{2, 3, 4, 5}, {3, 1, 2, 0}},
                        {{9, 2, 11, 10}, {2, 3, 0, 1}},
                        {{2, 1, 3, 1, 9, 8}, {4, 3, 5, 0, 1, 2}}};
  for (const Case& c : cases)
    for (const DType dtype : kAllTypes)
      compare_devices(ops::kTranspose, {noise_.tensor(dtype, c.shape, 100)}, ops::TransposeAttrs{c.axes});
}

TEST_P(CudaMoves, Broadcasts) {
  const std::pair<Shape, Shape> cases[] = {{{}, {5}},
                                           {{1}, {3, 4}},
                                           {{4}, {3, 4}},
                                           {{3, 1}, {3, 5}},
                                           {{2, 1, 8}, {2, 6, 8}},
                                           {{1, 5}, {0, 5}},
                                           {{1, 1}, {300, 70}},
                                           {{3, 1, 4}, {2, 3, 7, 4}}};
  for (const auto& [from, to] : cases)
    for (const DType dtype : kAllTypes) {
      const Tensor x = noise_.tensor(dtype, from, 100);
      compare_devices(ops::kBroadcastTo, {x}, ops::BroadcastToAttrs{to});
      compare_devices(ops::kBroadcastLike, {x, noise_.tensor(DType::float32, to)});
    }
}

TEST_P(CudaMoves, Flips) {
  for (const DType dtype : {DType::float32, DType::int64, DType::boolean, DType::float16})
    for (const std::vector<Dim>& axes : {std::vector<Dim>{0}, {1}, {0, 2}, {0, 1, 2}, {}})
      for (const Shape& shape : {Shape{2, 3, 4}, Shape{17, 1, 33}, Shape{3, 0, 2}})
        compare_devices(ops::kFlip, {noise_.tensor(dtype, shape, 100)}, ops::AxesAttrs{axes});
}

TEST_P(CudaMoves, SlicesAndPutsThemBack) {
  const std::pair<Shape, SliceAttrs> cases[] = {
      {{10}, {{2}, {7}, {1}}},
      {{10}, {{-4}, {kEnd}, {3}}},
      {{10}, {{7}, {2}, {1}}},
      {{6, 8}, {{0, 4}, {kEnd, kEnd}, {1, 1}}},
      {{6, 8}, {{1, 0}, {-1, kEnd}, {2, 1}}},
      {{6, 8}, {{0, 1}, {kEnd, 8}, {1, 3}}},
      {{5, 7, 16}, {{1, 0, 4}, {4, kEnd, 12}, {1, 1, 1}}},
      {{5, 7, 16}, {{0, 2, 0}, {kEnd, 6, kEnd}, {1, 2, 1}}},
      {{1, 1, 1}, {{0, 0, 0}, {1, 1, 1}, {1, 1, 1}}},
      {{3, 0}, {{0, 0}, {2, kEnd}, {1, 1}}},
  };
  for (const auto& [shape, attrs] : cases)
    for (const DType dtype : kAllTypes) {
      const Tensor x = noise_.tensor(dtype, shape, 100);
      compare_devices(ops::kSlice, {x}, attrs);
      compare_devices(ops::kUnslice, {apply(ops::kSlice, {x}, attrs), x}, attrs);
    }
}

TEST_P(CudaMoves, Pads) {
  const std::tuple<Shape, std::vector<Dim>, std::vector<Dim>> cases[] = {{{5}, {2}, {3}},
                                                                         {{5}, {0}, {0}},
                                                                         {{3, 4}, {1, 0}, {0, 4}},
                                                                         {{2, 3, 4}, {1, 0, 0}, {2, 0, 0}},
                                                                         {{2, 3, 4}, {0, 1, 2}, {1, 0, 2}},
                                                                         {{0, 2}, {2, 0}, {1, 0}},
                                                                         {{4, 16, 8}, {0, 1, 0}, {0, 1, 0}},
                                                                         {{}, {}, {}}};
  for (const auto& [shape, before, after] : cases)
    for (const DType dtype : kAllTypes)
      for (const double constant : {0.0, 1.0, -3.5})
        compare_devices(ops::kPad, {noise_.tensor(dtype, shape, 100)}, ops::PadAttrs{before, after, constant});
}

TEST_P(CudaMoves, JoinsAndSplits) {
  const std::pair<Dim, std::vector<Shape>> cases[] = {{0, {{3, 2}, {5, 2}}},
                                                      {1, {{4, 3}, {4, 1}, {4, 0}, {4, 5}}},
                                                      {1, {{2, 3, 8}, {2, 1, 8}}},
                                                      {2, {{2, 3, 1}, {2, 3, 2}}},
                                                      {0, {{0, 3}, {0, 3}}},
                                                      {1, {{1, 1}, {1, 1}}},
                                                      {1, std::vector<Shape>(37, Shape{9, 2})}};
  for (const auto& [axis, shapes] : cases)
    for (const DType dtype : kAllTypes) {
      std::vector<Tensor> parts;
      for (const Shape& shape : shapes) parts.push_back(noise_.tensor(dtype, shape, 100));
      const Tensor joined = apply(ops::kConcatenate, parts, ops::AxisAttrs{axis});
      compare_devices(ops::kConcatenate, parts, ops::AxisAttrs{axis});
      parts.insert(parts.begin(), joined);
      compare_devices(ops::kSplitLike, parts, ops::AxisAttrs{axis});
    }
}

TEST_P(CudaMoves, Fills) {
  for (const DType dtype : kAllTypes)
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{3, 64}, Shape{1000, 33}})
      for (const double value : {0.0, 1.0, -2.5, 100.0}) {
        const Tensor expected = ops::full(shape, value, dtype);
        const Tensor like = noise_.tensor(DType::int8, shape).to(Device::cuda());
        expect_same(expected, apply(ops::kFullLike, {like}, ops::FullLikeAttrs{value, dtype}), 0, "full_like");
      }
}

// Rows of a tensor are views: their memory begins anywhere.
TEST_P(CudaMoves, TakesMemoryThatIsNotAligned) {
  const Tensor x = noise_.tensor(DType::float32, {9, 3, 4});
  const Tensor gpu = x.to(Device::cuda());
  const Tensor odd = x.reshape({27, 4}).reshape({108}).slice({.start = 5, .stop = 101}).reshape({2, 12, 4});
  const Tensor odd_gpu = gpu.reshape({108}).slice({.start = 5, .stop = 101}).reshape({2, 12, 4});
  ASSERT_NE(reinterpret_cast<std::uintptr_t>(output_of(odd_gpu).data()) % 16, 0u);
  const ops::TransposeAttrs swap{{1, 0, 2}};
  expect_same(apply(ops::kTranspose, {odd}, swap), apply(ops::kTranspose, {odd_gpu}, swap), 0, "transpose");
  const ops::PadAttrs pad{{0, 1, 0}, {0, 0, 0}, 2};
  expect_same(apply(ops::kPad, {odd}, pad), apply(ops::kPad, {odd_gpu}, pad), 0, "pad");
  const ops::AxisAttrs axis{1};
  expect_same(apply(ops::kConcatenate, {odd, odd}, axis), apply(ops::kConcatenate, {odd_gpu, odd_gpu}, axis), 0,
              "concatenate");
}

TEST(CudaViews, ShareMemoryOnTheDevice) {
  const Tensor x = Noise().tensor(DType::float32, {4, 6}).to(Device::cuda());
  const Tensor y = x.reshape({2, 12});
  EXPECT_EQ(y.device(), Device::cuda());
  EXPECT_EQ(output_of(y).data(), output_of(x).data());
  EXPECT_EQ(y.to(Device::cpu()).to_vector<float>(), x.to(Device::cpu()).to_vector<float>());
}

}  // namespace
}  // namespace kerata
