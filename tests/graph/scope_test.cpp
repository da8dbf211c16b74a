#include "graph/scope.h"

#include <gtest/gtest.h>

#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"

namespace kerata {
namespace {

TEST(Replay, AppliesTheRecordedOpsToOtherInputs) {
  const Tensor x = placeholder({DType::float32, {-1, 2}});
  const Tensor y = ops::exp(x) + 1, input = ops::array({{0.0, 0.0}});
  const Tensor result = replay({&x, 1}, {&input, 1}, {&y, 1})[0];
  EXPECT_EQ(result.to_vector<float>(), (std::vector<float>{2, 2}));
}

TEST(Replay, ResolvesUnknownSizesInParameters) {
  const Tensor x = placeholder({DType::float32, {-1, 4}});
  const Tensor y = ops::reshape(x, {x.shape()[0], -1, 2});
  EXPECT_EQ(y.shape(), (Shape{-1, 2, 2}));
  const Tensor input = ops::zeros({3, 4});
  EXPECT_EQ(replay({&x, 1}, {&input, 1}, {&y, 1})[0].shape(), (Shape{3, 2, 2}));
}

TEST(Replay, NamesAnInputThatIsMissing) {
  const Tensor x = placeholder({DType::float32, {-1, 2}}), other = placeholder({DType::float32, {-1, 2}});
  other.node()->name = "other";
  const Tensor y = x + other, input = ops::zeros({3, 2});
  EXPECT_ERROR(
      StateError, replay({&x, 1}, {&input, 1}, {&y, 1}),
      "[Model] Graph disconnected: an output depends on the input 'other' of shape (?, 2), which is not among the "
      "model's inputs. Hint: add it to the inputs.");
}

TEST(Scope, TracingRecordsOpsOnVariablesInsteadOfRunningThem) {
  const Variable v("v", Role::trainable, ops::array({1.0}));
  EXPECT_FALSE((v * 2).is_symbolic());
  const Scope scope(Mode::trace, false);
  EXPECT_TRUE((v * 2).is_symbolic());
  EXPECT_FALSE((ops::array({1.0}) * 2).is_symbolic());
}

TEST(Placeholder, BatchesAreTheSameUnknownAndOtherSizesAreNot) {
  const Tensor a = placeholder({DType::float32, {-1, -1}}), b = placeholder({DType::float32, {-1, -1}});
  EXPECT_EQ(a.shape()[0], b.shape()[0]);
  EXPECT_NE(a.shape()[1], b.shape()[1]);
  EXPECT_NE(a.shape()[0], a.shape()[1]);
}

}  // namespace
}  // namespace kerata
