// Ops that read, add and sort by index, on the GPU beside the CPU.
#include "cuda/both_devices.h"
#include "cuda/ops/sources.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::AxisAttrs;

class CudaIndex : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { cuda::force_wide_indices(GetParam()); }
  void TearDown() override { cuda::force_wide_indices(false); }
  Noise noise_;
};
INSTANTIATE_TEST_SUITE_P(Indices, CudaIndex, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Wide" : "Narrow"; });

struct TakeCase {
  Shape x, indices;
  Dim axis;
};
const TakeCase kTakes[] = {{{7}, {3}, 0},    {{7, 5}, {2, 3}, 0}, {{7, 8}, {4}, 1},    {{2, 5, 16}, {6}, 1},
                           {{3, 4}, {0}, 0}, {{3, 4}, {}, 0},     {{20, 3}, {300}, 0}, {{3, 9, 2}, {200}, 1},
                           {{1, 1}, {1}, 0}, {{50, 4}, {64}, 0},  {{50, 4}, {129}, 0}, {{400, 2}, {5000}, 0},
                           {{2, 0}, {3}, 0}};

TEST_P(CudaIndex, Takes) {
  for (const TakeCase& c : kTakes)
    for (const DType dtype : kAllTypes)
      for (const DType index : {DType::int32, DType::int64})
        compare_devices(ops::kTake,
                        {noise_.tensor(dtype, c.x, 100), noise_.indices(c.indices, -c.x[c.axis], c.x[c.axis], index)},
                        AxisAttrs{c.axis});
}

Shape taken(const TakeCase& c) {
  std::vector<Dim> sizes(c.x.begin(), c.x.begin() + c.axis);
  sizes.insert(sizes.end(), c.indices.begin(), c.indices.end());
  sizes.insert(sizes.end(), c.x.begin() + c.axis + 1, c.x.end());
  return Shape(sizes);
}

constexpr DType kAdded[] = {DType::float32, DType::float64, DType::int8, DType::int16,
                            DType::int32,   DType::int64,   DType::uint8};

/// Sums of floats whose terms are far larger than they are would differ by the order of the terms.
double scale_of(DType dtype) { return is_floating(dtype) ? 1 : 100; }

TEST_P(CudaIndex, AddsWhereTakeRead) {
  for (const TakeCase& c : kTakes)
    for (const DType dtype : kAdded)
      for (const DType index : {DType::int32, DType::int64}) {
        const Tensor indices = noise_.indices(c.indices, -c.x[c.axis], c.x[c.axis], index);
        compare_devices(ops::kTakeGrad,
                        {noise_.tensor(dtype, c.x), indices, noise_.tensor(dtype, taken(c), scale_of(dtype))},
                        AxisAttrs{c.axis}, 1e-5);
      }
}

// All updates of one row, and of a few: rows that lie in many chunks of the sorted updates.
TEST_P(CudaIndex, AddsMany) {
  for (const Dim rows : {1, 2, 3, 40})
    for (const Dim count : {63, 64, 65, 128, 1000, 3000})
      compare_devices(ops::kTakeGrad,
                      {noise_.tensor(DType::float32, {50, 3}), noise_.indices({count}, 0, rows),
                       noise_.tensor(DType::float32, {count, 3})},
                      AxisAttrs{0}, 1e-5);
}

TEST_P(CudaIndex, AddsTheSameWayInEveryRun) {
  const std::vector<Tensor> inputs = on_gpu(
      {noise_.tensor(DType::float32, {5, 3}), noise_.indices({2000}, 0, 5), noise_.tensor(DType::float32, {2000, 3})});
  const Tensor first = apply(ops::kTakeGrad, inputs, AxisAttrs{0}).to(Device::cpu());
  expect_same(first, apply(ops::kTakeGrad, inputs, AxisAttrs{0}), 0, "take_grad again");
}

TEST_P(CudaIndex, ScattersOntoATensor) {
  for (const TakeCase& c : kTakes)
    for (const DType dtype : kAdded) {
      if (c.axis != 0) continue;
      const Tensor indices = noise_.indices(c.indices, -c.x[0], c.x[0]);
      compare_devices(
          ops::kScatterAdd,
          {noise_.tensor(dtype, c.x, scale_of(dtype)), indices, noise_.tensor(dtype, taken(c), scale_of(dtype))},
          AxisAttrs{0}, 1e-5);
    }
}

TEST_P(CudaIndex, TakesAlongAnAxis) {
  const TakeCase cases[] = {{{4}, {9}, 0},
                            {{3, 5}, {3, 2}, 1},
                            {{5, 3}, {8, 3}, 0},
                            {{2, 6, 3}, {2, 70, 3}, 1},
                            {{2, 1100}, {2, 1500}, 1},
                            {{3, 4}, {3, 0}, 1},
                            {{1, 1, 1}, {1, 1, 1}, 2},
                            {{600, 3}, {2100, 3}, 0}};
  for (const TakeCase& c : cases)
    for (const DType dtype : kAllTypes)
      for (const DType index : {DType::int32, DType::int64}) {
        const Tensor x = noise_.tensor(dtype, c.x, 100);
        const Tensor indices = noise_.indices(c.indices, -c.x[c.axis], c.x[c.axis], index);
        compare_devices(ops::kTakeAlongAxis, {x, indices}, AxisAttrs{c.axis});
        if (std::find(std::begin(kAdded), std::end(kAdded), dtype) == std::end(kAdded)) continue;
        compare_devices(ops::kTakeAlongAxisGrad, {x, indices, noise_.tensor(dtype, c.indices, scale_of(dtype))},
                        AxisAttrs{c.axis}, 1e-5);
      }
}

TEST_P(CudaIndex, MakesOneHot) {
  for (const DType dtype : kAllTypes)
    for (const DType index : {DType::int32, DType::int64})
      for (const auto& [shape, axis] :
           {std::pair{Shape{7}, 1}, {Shape{7}, 0}, {Shape{3, 4}, 1}, {Shape{}, 0}, {Shape{0}, 1}})
        compare_devices(ops::kOneHot, {noise_.indices(shape, -2, 8, index)}, ops::OneHotAttrs{5, axis, dtype});
}

const Shape kSorted[] = {{1},       {2},       {9},       {0},       {3, 0},    {5, 7},   {40, 3},
                         {2, 1000}, {2, 1024}, {3, 1025}, {1, 5000}, {2, 3, 4}, {1500, 2}};

constexpr DType kOrdered[] = {DType::float32, DType::float64, DType::int8,  DType::int16,
                              DType::int32,   DType::int64,   DType::uint8, DType::boolean};

// Few different values: equal ones keep their order.
TEST_P(CudaIndex, SortsStably) {
  for (const Shape& shape : kSorted)
    for (const DType dtype : kOrdered)
      for (Dim axis = 0; axis < shape.rank(); ++axis)
        for (const double scale : {3.0, 1e4}) {
          if (is_floating(dtype) && scale > 100)
            compare_devices(ops::kArgsort, {noise_.tensor(dtype, shape)}, AxisAttrs{axis});
          else
            compare_devices(ops::kArgsort, {noise_.tensor(DType::float64, shape, scale).round().cast(dtype)},
                            AxisAttrs{axis});
        }
}

TEST_P(CudaIndex, FindsTheLargest) {
  for (const Shape& shape : kSorted)
    for (const DType dtype : kOrdered)
      for (const Dim k : {Dim{0}, Dim{1}, Dim{3}, shape.back()}) {
        if (k > shape.back()) continue;
        compare_devices(ops::kTopK, {noise_.tensor(DType::float64, shape, 5).round().cast(dtype)}, ops::TopKAttrs{k});
      }
}

TEST_P(CudaIndex, SortsNumbersThatAreNone) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> values;
  for (int i = 0; i < 300; ++i)
    values.insert(values.end(), {0.0f, -0.0f, nan, -inf, inf, -nan, 1e-40f, -1e-40f, static_cast<float>(i)});
  for (const DType dtype : {DType::float32, DType::float64})
    for (const std::size_t count : {std::size_t{9}, values.size()}) {
      const Tensor x = Tensor::from_span<float>(std::span(values).first(count), {static_cast<Dim>(count)}).cast(dtype);
      compare_devices(ops::kArgsort, {x}, AxisAttrs{0});
      compare_devices(ops::kTopK, {x}, ops::TopKAttrs{9}, 1e-30);
    }
}

TEST(CudaIndexErrors, NamesAnIndexOutOfRange) {
  const Tensor x = Noise().tensor(DType::float32, {5, 3}).to(Device::cuda());
  const auto at = [](Dim i) {
    return Tensor::from_span<std::int32_t>(std::vector{0, static_cast<int>(i), 4}, {3}).to(Device::cuda());
  };
  const Tensor updates = Noise().tensor(DType::float32, {3, 3}).to(Device::cuda());
  const std::vector<Tensor> grad{x, at(7), updates}, along{x.slice({.stop = 3}), updates.cast("int32") + 9};
  const AxisAttrs axis{0};
  EXPECT_ERROR(ValueError, ops::take(x, at(5), 0), "[take] Index 5 is out of range. Expected an index in [0, 5).");
  EXPECT_ERROR(ValueError, ops::take(x, at(-6), 0), "[take] Index -6 is out of range. Expected an index in [0, 5).");
  EXPECT_ERROR(ValueError, apply(ops::kTakeGrad, grad, axis),
               "[take_grad] Index 7 is out of range. Expected an index in [0, 5).");
  EXPECT_ERROR(ValueError, ops::scatter_add(x, at(9), updates),
               "[scatter_add] Index 9 is out of range. Expected an index in [0, 5).");
  EXPECT_ERROR_WITH(ValueError, apply(ops::kTakeAlongAxis, along, axis),
                    "is out of range. Expected an index in [0, 3)");
  EXPECT_EQ(ops::take(x, at(4), 0).device(), Device::cuda());
}

}  // namespace
}  // namespace kerata
