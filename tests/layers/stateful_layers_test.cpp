// Layers with state beside their weights: Normalization.adapt, BatchNormalization's averages, stateful LSTM.
#include <gtest/gtest.h>

#include "kerata/graph/gradients.h"
#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using namespace layers;

Tensor data(const Shape& shape, double seed = 0.4) { return test::wave(shape, seed, 3).cast("float32"); }

TEST(NormalizationAdapt, WorksBeforeAndAfterTheFirstCallAndAgain) {
  const Tensor x = data({50, 3}), other = data({20, 3}, 1.3) + 5;
  const Normalization before, after;
  before.adapt(x);
  static_cast<void>(after(x));
  after.adapt(other);
  after.adapt(x);  // replaces, does not add up
  golden::expect_near_all(after(x), before(x));
  const Tensor y = before(x);
  golden::expect_near_all(ops::mean(y, {.axis = 0}), ops::zeros({3}), {0, 1e-5});
  golden::expect_near_all(ops::var(y, {.axis = 0}), ops::ones({3}), {0, 1e-4});
  golden::expect_near_all(before.get_weights()[0], ops::mean(x, {.axis = 0}));
}

TEST(NormalizationAdapt, IsSeenByAModelThatWasCalledBefore) {
  const Normalization layer;
  const Tensor symbolic = layer(Input({3}));
  const Tensor x = data({50, 3});
  layer.adapt(x);
  golden::expect_near_all(ops::mean(layer(x)), ops::zeros({}), {0, 1e-5});
  EXPECT_EQ(symbolic.shape().back(), 3);
}

TEST(NormalizationAdapt, IsExactForLargeOffsets) {  // float32 sums of squares would lose everything
  const Tensor x = data({200, 1}) + 30000;
  const Normalization layer;
  layer.adapt(x);
  EXPECT_NEAR(layer.get_weights()[1].item(), ops::var(x.cast("float64")).item(), 1e-3);
}

TEST(BatchNormalizationAverages, MoveInTrainingOnly) {
  const BatchNormalization layer({.momentum = 0.5});
  const Tensor x = data({6, 2});
  static_cast<void>(layer(x));
  EXPECT_EQ(layer.get_weights()[2].to_vector<float>(), (std::vector<float>{0, 0}));
  static_cast<void>(layer(x, {.training = true}));
  golden::expect_near_all(layer.get_weights()[2], ops::mean(x, {.axis = 0}) * 0.5);
  golden::expect_near_all(layer.get_weights()[3], ops::var(x, {.axis = 0}) * 0.5 + 0.5);
  layer.set_trainable(false);  // then it infers even in training
  const Tensor frozen = layer(x, {.training = true});
  golden::expect_near_all(frozen, layer(x));
  golden::expect_near_all(layer.get_weights()[2], ops::mean(x, {.axis = 0}) * 0.5);
}

TEST(StatefulLstm, GoesOnWhereTheLastCallEnded) {
  const LSTM whole(2, {.return_sequences = true}), parts(2, {.return_sequences = true, .stateful = true});
  const Tensor x = data({3, 6, 2});
  const Tensor expected = whole(x);
  const Tensor first = x.slice({.axis = 1, .stop = 4}), second = x.slice({.axis = 1, .start = 4});
  static_cast<void>(parts(first));
  parts.set_weights(whole.get_weights());
  parts->reset_state();
  golden::expect_near_all(parts(first), expected.slice({.axis = 1, .stop = 4}));
  golden::expect_near_all(parts(second), expected.slice({.axis = 1, .start = 4}));
  EXPECT_EQ(parts.weights().size(), 3U);  // states are no weights
  parts->reset_state();
  golden::expect_near_all(parts(first), expected.slice({.axis = 1, .stop = 4}));
  whole->reset_state();  // nothing to do
}

// The tape's gradient is that of the states that the call began with, though the call has replaced them.
TEST(StatefulLstm, HasTheGradientOfTheStatesItBeganWith) {
  const LSTM lstm(2, {.stateful = true});
  const Tensor x = data({3, 2, 2});
  static_cast<void>(lstm(x));
  const LSTM plain(2, {.return_state = true});
  static_cast<void>(plain.call_all(x));
  plain.set_weights(lstm.get_weights());
  const Tensors first = plain.call_all(x);
  lstm->reset_state();
  static_cast<void>(lstm(x));
  const GradientTape tape;
  const Tensor actual = gradients(ops::sum(lstm(x)), x).single();
  const Tensor expected =
      gradients(ops::sum(plain.call_all(x, {.initial_state = {first[1], first[2]}})[0]), x).single();
  golden::expect_near_all(actual, expected);
}

}  // namespace
}  // namespace kerata
