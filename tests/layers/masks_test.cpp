// Masks on their way: made by Embedding, handed on, merged, used by LSTM, dropped by Flatten. (Numbers:
// golden_layers_test.)
#include <gtest/gtest.h>

#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata {
namespace {

using namespace layers;
using Bits = std::vector<bool>;

Bits bits(const Tensor& mask) {
  Bits result;
  if (mask.is_empty()) return result;
  for (double value : mask.to_vector<double>()) result.push_back(value != 0);
  return result;
}

// Steps of 0 are padding; the last row is padding altogether.
Tensor words() { return ops::array({{3, 1, 0, 0}, {0, 2, 0, 1}, {0, 0, 0, 0}}); }
Tensor other_words() { return ops::array({{1, 0, 2, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}}); }
const Bits kWords = {true, true, false, false, false, true, false, true, false, false, false, false};
const Bits kEither = {true, true, true, false, false, true, false, true, false, false, false, false};

/// Features of words that carry a mask.
Tensor embedded(const Tensor& x, Dim units = 2) {
  return Embedding(4, units, {.embeddings_initializer = "ones", .mask_zero = true})(x);
}

TEST(Masks, OfAnEmbeddingMarkTheZeros) {
  EXPECT_EQ(bits(embedded(words()).mask()), kWords);
  EXPECT_EQ(embedded(words()).mask().dtype(), DType::boolean);
  EXPECT_TRUE(Embedding(4, 2)(words()).mask().is_empty());
  EXPECT_EQ(bits(embedded(words().cast("float32")).mask()), kWords);
}

TEST(Masks, RideThroughLayersThatSupportThem) {
  const Tensor x = embedded(words());
  EXPECT_EQ(bits(Dense(3)(x).mask()), kWords);
  EXPECT_EQ(bits(Activation("relu")(x).mask()), kWords);
  EXPECT_EQ(bits(Dropout(0.5)(x).mask()), kWords);
  EXPECT_EQ(bits(BatchNormalization()(x).mask()), kWords);
  EXPECT_EQ(bits(Normalization()(x).mask()), kWords);
  EXPECT_EQ(bits(LSTM(2, {.return_sequences = true})(x).mask()), kWords);
  EXPECT_EQ(bits(LSTM(2, {.return_sequences = true, .go_backwards = true})(x).mask()), kWords);  // as Keras: not turned
  EXPECT_TRUE(LSTM(2)(x).mask().is_empty());
  EXPECT_TRUE(ops::abs(x).mask().is_empty());  // results of ops have none
}

TEST(Masks, OfMergesCountWhereOneInputCounts) {
  const Tensor a = embedded(words()), b = embedded(other_words()), c = Embedding(4, 2)(words());
  for (const AnyLayer& layer : std::vector<AnyLayer>{Add(), Subtract(), Multiply(), Average(), Maximum(), Minimum()}) {
    EXPECT_EQ(bits(layer({a, b}).mask()), kEither) << layer.class_name();
    EXPECT_TRUE(layer({a, c}).mask().is_empty()) << layer.class_name();
  }
}

TEST(Masks, OfConcatenateFollowTheAxis) {
  const Tensor a = embedded(words()), b = embedded(other_words()), c = Embedding(4, 2)(words());
  Bits all(12, true), features_of_c = all, both;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t step = 0; step < 4; ++step) both.push_back(kWords[4 * row + step]);
    for (std::size_t step = 0; step < 4; ++step) both.push_back(true);
  }
  EXPECT_EQ(bits(concatenate({a, b}).mask()), kEither);
  EXPECT_EQ(bits(concatenate({a, c}).mask()), features_of_c);
  EXPECT_EQ(bits(concatenate({a, c}, {.axis = 1}).mask()), both);
}

// A masked product counts as 1, a masked maximum does not compete.
TEST(Masks, ChangeWhatMergesCompute) {
  const Tensor a = ops::full({1, 2, 1}, 3).with_mask(ops::array({{true, false}}));
  const Tensor b = ops::full({1, 2, 1}, 5).with_mask(ops::array({{false, false}}));
  EXPECT_EQ(multiply({a, b}).to_vector<float>(), (std::vector<float>{3, 0}));
  EXPECT_EQ(maximum({a, b}).to_vector<float>()[0], 3);
  EXPECT_EQ(minimum({b, a}).to_vector<float>()[0], 3);
}

TEST(Masks, HoldTheStatesOfAnLstm) {
  const LSTM lstm(2, {.return_sequences = true, .return_state = true});
  const Tensor x = ops::array({{{1.0, 2.0}, {0.5, -1.0}, {3.0, 1.0}}});
  const auto [all, h, c] = lstm.call_all(x, {.mask = ops::array({{true, false, true}})}).unpack<3>();
  const Tensor without = ops::array({{{1.0, 2.0}, {3.0, 1.0}}});
  const auto [short_all, short_h, short_c] = lstm.call_all(without).unpack<3>();
  golden::expect_near_all(h, short_h);
  golden::expect_near_all(c, short_c);
  golden::expect_near_all(all[0][1], all[0][0]);  // the masked step repeats
}

TEST(Masks, OfAWholeRowLeaveTheFirstStates) {
  for (const bool unroll : {false, true}) {
    const LSTM lstm(2, {.return_state = true, .unroll = unroll});
    const Tensor x = embedded(words());
    const auto [y, h, c] = lstm.call_all(x).unpack<3>();
    EXPECT_EQ(y[2].to_vector<float>(), (std::vector<float>{0, 0})) << unroll;
    const Tensor first = ops::full({3, 2}, 0.5);
    const auto [y2, h2, c2] = lstm.call_all(x, {.initial_state = {first, first}}).unpack<3>();
    EXPECT_EQ(h2[2].to_vector<float>(), (std::vector<float>{0.5, 0.5})) << unroll;
    EXPECT_EQ(c2[2].to_vector<float>(), (std::vector<float>{0.5, 0.5})) << unroll;
    EXPECT_NE(h2[0].to_vector<float>(), (std::vector<float>{0.5, 0.5})) << unroll;
  }
}

// The fused op, a scan and a node per step agree, forwards and backwards, with every mask.
TEST(Masks, GiveTheSameHoweverAnLstmRuns) {
  const Tensor x = ops::array({{{1.0, 2.0}, {0.5, -1.0}, {3.0, 1.0}}, {{0.1, 0.2}, {-0.5, 1.0}, {2.0, -3.0}}});
  const std::vector<Tensor> masks = {{},
                                     ops::array({{true, false, true}, {true, true, true}}),
                                     ops::array({{true, true, false}, {true, false, false}})};
  for (const bool backwards : {false, true}) {
    for (const Tensor& mask : masks) {
      const LSTM fused(3, {.return_sequences = true, .return_state = true, .go_backwards = backwards});
      const LSTM scan(
          3, {.return_sequences = true, .return_state = true, .go_backwards = backwards, .use_cudnn = "false"});
      const LSTM unrolled(3,
                          {.return_sequences = true, .return_state = true, .go_backwards = backwards, .unroll = true});
      const CallOptions how = {.mask = mask.is_empty() ? Tensors() : Tensors(mask)};
      const Tensors expected = fused.call_all(x, how);
      for (const LSTM& other : {scan, unrolled}) {
        static_cast<void>(other.call_all(x, how));
        other.set_weights(fused.get_weights());
        const Tensors actual = other.call_all(x, how);
        for (std::size_t i = 0; i < 3; ++i) golden::expect_near_all(actual[i], expected[i]);
      }
    }
  }
}

TEST(Masks, AreDroppedWithAWarningOnce) {
  const Tensor x = embedded(words());
  const Flatten flatten;
  testing::internal::CaptureStderr();
  EXPECT_TRUE(flatten(x).mask().is_empty());
  static_cast<void>(flatten(x));
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "kerata: Layer 'flatten' (of type Flatten) was passed an input with a mask attached to it. However, this layer "
      "does not support masking and will therefore destroy the mask information. Downstream layers will not see "
      "the mask.\n");
  testing::internal::CaptureStderr();
  static_cast<void>(Flatten()(ops::ones({2, 3, 4})));
  static_cast<void>(LSTM(2)(x));  // uses its mask up: no warning
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Masks, GivenInTheCallWinOverTheTravelling) {
  const Tensor x = embedded(words());
  const Tensor mask = ops::array({{true, true, true, true}, {true, true, true, true}, {true, false, false, false}});
  const Tensor y = Dense(2)(x, {.mask = mask});
  EXPECT_EQ(bits(y.mask()), bits(mask));
  EXPECT_ERROR_WITH(ValueError, Dense(2)(x, {.mask = {mask, mask}}),
                    "[Dense] Expected one mask per input (1), received 2.");
}

TEST(Masks, TravelOnSymbolicTensors) {
  const Tensor x = Input({4}, {.dtype = "int32"});
  const Tensor y = Dense(3)(Embedding(4, 2, {.mask_zero = true})(x));
  ASSERT_FALSE(y.mask().is_empty());
  EXPECT_TRUE(y.mask().is_symbolic());
  EXPECT_EQ(y.mask().shape().rank(), 2);
  EXPECT_TRUE(LSTM(2)(y).mask().is_empty());
}

/// Reads its mask by number of input.
class MaskedSumLayer : public MultiLayer {
 public:
  explicit MaskedSumLayer(const Options&) { set_uses_mask(true); }
  Tensors call(const Tensors& inputs, const CallContext& context) const override {
    Tensor sum = ops::zeros({});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor mask = context.mask(i);
      sum = sum + ops::sum(mask.is_empty() ? inputs[i] : ops::where(ops::expand_dims(mask, -1), inputs[i], 0.0));
    }
    return sum;
  }
};
using MaskedSum = LayerRef<MaskedSumLayer>;

TEST(Masks, ReachCallOfOwnLayers) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(MaskedSum()({embedded(words()), Embedding(4, 2, {.embeddings_initializer = "ones"})(words())}).item(),
            4 * 2 + 12 * 2);
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace kerata
