#include "kerata/graph/tensor.h"

#include <gtest/gtest.h>

#include "graph/node.h"
#include "kerata/graph/tensors.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "support/errors.h"

namespace kerata {
namespace {

TEST(Tensors, TakeListsByAssignment) {
  const Tensor a = ops::array({1.0}), b = ops::array({2.0, 3.0});
  Tensors x;
  x = {a, b};
  EXPECT_EQ(x.size(), 2u);
  x = {{"first", a}, {"second", b}};
  EXPECT_EQ(x.names(), (std::vector<std::string>{"first", "second"}));
  x = {b};
  EXPECT_EQ(x.single().size(), 2);
  x = {};
  EXPECT_TRUE(x.empty());
}

TEST(Tensor, HoldsACopyOfTheValuesItIsMadeFrom) {
  std::vector<float> values = {1, 2, 3, 4};
  const Tensor x = Tensor::from_span<float>(values, {2, 2});
  values[0] = 9;
  EXPECT_EQ(x.to_vector<int>(), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_ERROR(ShapeError, Tensor::from_span<float>(values, {3}),
               "[Tensor.from_span] Expected 3 values for shape (3,), received 4.");
}

TEST(Tensor, DataAsksForTheRightType) {
  const Tensor x = ops::array({1, 2});
  EXPECT_EQ(x.dtype(), DType::int32);
  EXPECT_EQ(x.data<std::int32_t>()[1], 2);
  EXPECT_ERROR(ValueError, x.data<float>(),
               "[Tensor.data] The tensor holds int32, not float32. Hint: cast(\"float32\").");
}

TEST(Tensor, ItemAsksForOneElement) {
  EXPECT_EQ(ops::array({{2.5}}).item(), 2.5);
  EXPECT_ERROR(ShapeError, ops::array({1, 2}).item(), "[Tensor.item] Expected one element, received shape (2,).");
}

TEST(Tensor, SymbolicAndEmptyTensorsSayWhatTheyLack) {
  const Tensor x = placeholder({DType::float32, {-1, 3}});
  EXPECT_TRUE(x.is_symbolic());
  EXPECT_ERROR_WITH(StateError, x.item(), "[Tensor.item] The tensor is symbolic: it has a shape (?, 3) but no data.");
  EXPECT_ERROR(StateError, Tensor().shape(), "[Tensor.shape] The tensor is empty: it was never given a value.");
}

TEST(Tensor, MaskRidesOnTheHandleOnly) {
  const Tensor x = ops::array({1.0, 2.0}), mask = ops::array({true, false});
  const Tensor masked = x.with_mask(mask);
  EXPECT_EQ(masked.mask().to_vector<bool>(), (std::vector<bool>{true, false}));
  EXPECT_TRUE(x.mask().is_empty());
  EXPECT_TRUE((masked + 1).mask().is_empty());
}

TEST(Tensor, AMillionNodeChainIsDestroyedWithoutRecursion) {
  Tensor x = placeholder({DType::float32, {2}});
  for (int i = 0; i < 1000000; ++i) x = ops::negative(x);
  x = Tensor();
  SUCCEED();  // a recursive destructor would have overflowed the stack
}

TEST(Tensor, ResultTakesTheMemoryOfACastThatNobodyElseHolds) {
  const Tensor x = ops::array({1, 2, 3});
  const std::uint64_t before = buffer_allocations();
  const Tensor half = x * 0.5;
  EXPECT_EQ(buffer_allocations() - before, 2u);  // the number and one float32 tensor: the cast's
  EXPECT_EQ(half.to_vector<float>(), (std::vector<float>{0.5f, 1.0f, 1.5f}));
  const Tensor kept = half;
  const Tensor twice = half * 2;
  EXPECT_EQ(kept.to_vector<float>(), (std::vector<float>{0.5f, 1.0f, 1.5f}));
  EXPECT_EQ(twice.to_vector<float>(), (std::vector<float>{1, 2, 3}));
}

TEST(Tensors, AreFoundByNameAndUnpacked) {
  const Tensor a = ops::array({1}), b = ops::array({2});
  const Tensors named{{"title", a}, {"body", b}};
  EXPECT_EQ(named["body"].item(), 2);
  EXPECT_ERROR(ValueError, named["bdy"], "[Tensors] There is no tensor \"bdy\". Hint: did you mean \"body\"?");
  EXPECT_ERROR(ValueError, Tensors({a, b}).single(),
               "[Tensors.single] Expected one tensor, received 2. Hint: unpack<N>(), or call_all and predict_all for "
               "several outputs.");
  EXPECT_ERROR(ValueError, Tensors(a).unpack<2>(), "[Tensors.unpack] Expected 2 tensors, received 1.");
}

}  // namespace
}  // namespace kerata
