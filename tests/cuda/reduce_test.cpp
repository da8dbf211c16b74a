// Reductions, argmax, argmin and running sums on the GPU against the CPU's.
#include "cuda/same_result.h"
#include "kerata/ops/reduction.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::AxisAttrs;
using ops::ReduceAttrs;
using test::expect_same_op;
using test::numbers_of;

struct Case {
  Shape x;
  std::vector<Dim> axes;
};

// Rows of all lengths (a few lanes, a warp, a block, cut in pieces), columns (narrow, wide, cut), both in turn;
// nothing.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {{1}, {0}},          {{7}, {0}},           {{1000}, {0}},
      {{50003}, {0}},      {{3, 5}, {1}},        {{5, 3}, {0}},
      {{2, 3, 4}, {0, 2}}, {{2, 3, 4}, {1}},     {{2, 3, 4, 5}, {1, 3}},
      {{70, 257}, {1}},    {{257, 70}, {0}},     {{9, 130}, {1}},
      {{3, 20000}, {1}},   {{3, 20001}, {1}},    {{9000, 3}, {0}},
      {{3000, 40}, {0}},   {{2, 300, 300}, {1}}, {{1, 1}, {0, 1}},
      {{4, 1, 3}, {1}},    {{2, 5000}, {1}},     {{40, 3, 300}, {0, 2}},
      {{3, 500}, {0}},     {{11000, 4, 3}, {1}},
  };
  return all;
}
const std::vector<Case> kEmpty = {{{2, 0, 3}, {1}}, {{0, 3}, {1}}, {{0}, {0}}};

const DType kNumbers[] = {DType::float32, DType::float64, DType::int8,  DType::int16,
                          DType::int32,   DType::int64,   DType::uint8, DType::boolean};

class CudaReduction : public testing::TestWithParam<DType> {};

TEST_P(CudaReduction, EqualsTheCpu) {
  const DType dtype = GetParam();
  for (const Case& c : cases())
    for (const OpDef* op : {&ops::kSum, &ops::kMax, &ops::kMin}) {
      if (op == &ops::kSum && dtype == DType::boolean) continue;  // more than a truth value holds
      const Tensor x = numbers_of(dtype, c.x, op == &ops::kSum ? 1 : -90, 90);
      expect_same_op(*op, {x}, ReduceAttrs{c.axes, false});
    }
  for (const Case& c : kEmpty) expect_same_op(ops::kSum, {numbers_of(dtype, c.x, 1, 2)}, ReduceAttrs{c.axes, true});
}
INSTANTIATE_TEST_SUITE_P(Types, CudaReduction, testing::ValuesIn(kNumbers),
                         [](const auto& of) { return std::string(to_string(of.param)); });

TEST(CudaReductions, ProductsAndMeansEqualTheCpu) {
  for (const Case& c : cases()) {
    for (DType dtype : {DType::float32, DType::float64}) {
      const Tensor u = numbers_of(DType::float64, c.x, 0, 3);  // halves, ones and twos: products are exact
      const Tensor factors = ops::where(u > 2, 2, ops::where(u > 1, 1, 0.5)).cast(dtype);
      expect_same_op(ops::kProd, {factors}, ReduceAttrs{c.axes, false}, {0, 0});
      expect_same_op(ops::kMean, {numbers_of(dtype, c.x, 1, 5)}, ReduceAttrs{c.axes, false});
    }
    expect_same_op(ops::kProd, {numbers_of(DType::int32, c.x, -3, 4)}, ReduceAttrs{c.axes, false});
  }
  for (const Case& c : kEmpty) {
    expect_same_op(ops::kProd, {numbers_of(DType::float32, c.x, 1, 2)}, ReduceAttrs{c.axes, false});
    expect_same_op(ops::kMean, {numbers_of(DType::float32, c.x, 1, 2)}, ReduceAttrs{c.axes, false});
  }
}

TEST(CudaReductions, TruthEqualsTheCpu) {
  for (const std::vector<Case>& list : {cases(), kEmpty})
    for (const Case& c : list)
      for (double limit : {-1.0, 0.999, 0.5, 2.0}) {
        const Tensor x = numbers_of(DType::float64, c.x, 0, 1) > limit;
        expect_same_op(ops::kAny, {x}, ReduceAttrs{c.axes, false});
        expect_same_op(ops::kAll, {x}, ReduceAttrs{c.axes, true});
      }
}

TEST(CudaReductions, SumToEqualsTheCpu) {
  const std::vector<std::pair<Shape, Shape>> pairs = {{{4, 5}, {5}},       {{4, 5}, {4, 1}},    {{4, 5}, Shape()},
                                                      {{4, 5}, {4, 5}},    {{2, 3, 4}, {3, 1}}, {{2, 3, 4}, {1, 1, 4}},
                                                      {{700, 300}, {300}}, {{0, 5}, {5}}};
  for (const auto& [from, to] : pairs)
    for (DType dtype : {DType::float32, DType::int32})
      expect_same_op(ops::kSumTo, {numbers_of(dtype, from, 1, 50), numbers_of(dtype, to, 0, 1)}, {});
}

TEST(CudaReductions, HalfTypesAreAddedInFloat32) {
  for (DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor x = numbers_of(dtype, {5, 3000}, 0, 1);
    const Tensor expected = ops::sum(x.cast("float32"), {.axis = 1}).cast(dtype);
    const Tensor found = apply(ops::kSum, {x.to(Device::cuda())}, ReduceAttrs{{1}, false});
    test::expect_same({found}, {expected}, {8e-3, 0});  // the CPU's order may round to a neighbour
  }
}

TEST(CudaReductions, NanAndInfinitiesAreKept) {
  const float nan = NAN, inf = INFINITY;
  for (const std::vector<float>& row :
       {std::vector<float>{1, nan, 3, 2, 5}, {nan, 1, 2, 3, 4}, {-inf, -inf, -inf, -inf, -inf}, {inf, -inf, 1, 2, 3}}) {
    std::vector<float> many;
    for (int i = 0; i < 60; ++i) many.insert(many.end(), row.begin(), row.end());
    for (const Tensor& x : {Tensor::from_span<float>(row, {1, 5}), Tensor::from_span<float>(row, {5, 1}),
                            Tensor::from_span<float>(many, {1, 300}), Tensor::from_span<float>(many, {60, 5})}) {
      for (const OpDef* op : {&ops::kSum, &ops::kProd, &ops::kMax, &ops::kMin, &ops::kMean})
        for (Dim axis : {0, 1}) expect_same_op(*op, {x}, ReduceAttrs{{axis}, false});
      for (const OpDef* op : {&ops::kArgmax, &ops::kArgmin})
        for (Dim axis : {0, 1}) expect_same_op(*op, {x}, AxisAttrs{axis});
    }
  }
}

TEST(CudaArg, EqualsTheCpuAndTakesTheFirstOfEquals) {
  const std::vector<std::pair<Shape, Dim>> list = {
      {{1}, 0},       {{7}, 0},       {{3, 5}, 1},    {{5, 3}, 0}, {{2, 3, 4}, 1},  {{20001}, 0},      {{3, 20000}, 1},
      {{9000, 3}, 0}, {{300, 70}, 0}, {{70, 300}, 1}, {{0, 3}, 1}, {{3000, 40}, 0}, {{11000, 4, 3}, 1}};
  for (const auto& [shape, axis] : list)
    for (DType dtype : kNumbers) {
      const Tensor x = numbers_of(dtype, shape, -3, 4);  // many equal integers
      expect_same_op(ops::kArgmax, {x}, AxisAttrs{axis});
      expect_same_op(ops::kArgmin, {x}, AxisAttrs{axis});
    }
}

TEST(CudaCumsum, EqualsTheCpu) {
  const std::vector<std::pair<Shape, Dim>> list = {
      {{1}, 0},     {{7}, 0},       {{3, 5}, 1},    {{5, 3}, 0},      {{2, 3, 4}, 1},    {{1023}, 0}, {{1025}, 0},
      {{20001}, 0}, {{3, 9000}, 1}, {{9000, 2}, 0}, {{6, 70, 64}, 1}, {{5, 3, 5000}, 1}, {{0, 3}, 0}, {{3, 0}, 0}};
  for (const auto& [shape, axis] : list)
    for (DType dtype :
         {DType::float32, DType::float64, DType::int8, DType::int16, DType::int32, DType::int64, DType::uint8})
      expect_same_op(ops::kCumsum, {numbers_of(dtype, shape, 1, 9)}, AxisAttrs{axis}, {1e-5, 0});
}

}  // namespace
}  // namespace kerata
