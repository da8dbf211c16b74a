// What the built-in layers say to bad arguments and bad inputs, by text.
#include <gtest/gtest.h>

#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace layers;

TEST(LayerErrors, OfDense) {
  EXPECT_ERROR(ValueError, Dense(0),
               "[Dense] Received an invalid value for `units`, expected a positive integer. Received: units=0.");
  EXPECT_ERROR(ValueError, Dense(-3),
               "[Dense] Received an invalid value for `units`, expected a positive integer. Received: units=-3.");
  EXPECT_ERROR(ValueError, Dense(1, {.input_dim = -1}), "[Dense] Expected a positive input_dim, received -1.");
  EXPECT_ERROR(ValueError, Dense(1, {.input_shape = {0}}),
               "[Dense] Expected positive sizes (or -1) in input_shape, received (0,).");
  EXPECT_ERROR(ValueError, Dense(1, {.name = "a/b"}),
               "[Dense] The name of a layer cannot contain '/'. Received 'a/b'.");
  EXPECT_ERROR(ValueError, Dense(1, {.activation = "relo"}),
               "[activations] Unknown activation \"relo\". Hint: did you mean \"relu\"?");
  EXPECT_ERROR(
      ShapeError, Dense(2)(ops::ones({3})),
      "[Dense] Expected an input of rank 2 or more, (batch, ..., inputs), received (3,). Hint: x.reshape({-1, 1}) "
      "makes each number a sample.\n  in layer 'dense' (Dense) called with input (3,)");
  const Dense dense(2);
  static_cast<void>(dense(ops::ones({3, 4})));
  EXPECT_ERROR(
      ShapeError, dense(ops::ones({3, 5})),
      "[Dense] The layer was built for a last axis of 4. Expected (?, ..., 4), received (3, 5). Hint: a layer keeps "
      "the shape of its first call; use another layer.\n  in layer 'dense' (Dense) called with input (3, 5)");
  EXPECT_ERROR(
      ShapeError, dense(Input({5})),
      "[Dense] The layer was built for a last axis of 4. Expected (?, ..., 4), received (?, 5). Hint: a layer keeps "
      "the shape of its first call; use another layer.\n  in layer 'dense' (Dense) called with input (?, 5)");
  EXPECT_ERROR(
      ShapeError, dense(ops::ones({4})),
      "[Dense] Expected an input of rank 2 or more, (batch, ..., inputs), received (4,).\n  in layer 'dense' (Dense) "
      "called with input (4,)");
  EXPECT_ERROR(
      ShapeError, Dense(2)(Input({-1})),
      "[Dense.add_weight] The shape (?, 2) of 'kernel' has an unknown size. Hint: give Input() the sizes that the "
      "layer's weights depend on.\n  in layer 'dense' (Dense) called with input (?, ?)");
  EXPECT_EQ(dense(ops::ones({3, 4})).shape(), (Shape{3, 2}));  // usable afterwards
}

TEST(LayerErrors, OfConv2D) {
  EXPECT_ERROR(ValueError, Conv2D(0, 3),
               "[Conv2D] Invalid value for argument `filters`. Expected a strictly positive value. "
               "Received filters=0.");
  EXPECT_ERROR(ValueError, Conv2D(2, 0), "[Conv2D] Expected a positive kernel_size, received (0, 0).");
  EXPECT_ERROR(ValueError, Conv2D(2, 3, {.strides = -1}), "[Conv2D] Expected positive strides, received (-1, -1).");
  EXPECT_ERROR(ValueError, Conv2D(2, 3, {.dilation_rate = {1, 0}}),
               "[Conv2D] Expected a positive dilation_rate, received (1, 0).");
  EXPECT_ERROR(ValueError, Conv2D(2, 3, {.groups = 0}),
               "[Conv2D] The number of groups must be a positive integer. Received: groups=0.");
  EXPECT_ERROR(ValueError, Conv2D(3, 3, {.groups = 2}),
               "[Conv2D] The number of filters must be evenly divisible by the number of groups. Received: groups=2, "
               "filters=3.");
  EXPECT_ERROR(
      ValueError, Conv2D(2, 3, {.strides = 2, .dilation_rate = 2}),
      "[Conv2D] `strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=(2, 2) and "
      "dilation_rate=(2, 2).");
  const std::string where = "\n  in layer 'conv2d' (Conv2D) called with input ";
  EXPECT_ERROR(ShapeError, Conv2D(2, 3)(ops::ones({2, 5, 5})),
               "[Conv2D] Expected an input of rank 4, (batch, height, width, channels), received (2, 5, 5). Hint: "
               "x.reshape({-1, height, width, 1}) for grey images." +
                   where + "(2, 5, 5)");
  EXPECT_ERROR(
      ShapeError, Conv2D(2, 3)(Input({5, 5, -1})),
      "[Conv2D] The number of channels must be known, received an input (?, 5, 5, ?)." + where + "(?, 5, 5, ?)");
  EXPECT_ERROR(
      ValueError, Conv2D(4, 3, {.groups = 2})(ops::ones({1, 5, 5, 3})),
      "[Conv2D] The number of input channels must be evenly divisible by the number of groups. Received groups=2, "
      "but the input has 3 channels (full input shape is (1, 5, 5, 3))." +
          where + "(1, 5, 5, 3)");
  EXPECT_ERROR(
      ShapeError, Conv2D(2, 3, {.dilation_rate = 2})(ops::ones({1, 4, 5, 1})),
      "[Conv2D] The window (5, 5) is larger than the input (1, 4, 5, 1). Hint: .padding = \"same\", or a smaller "
      "kernel." +
          where + "(1, 4, 5, 1)");
  const Conv2D conv(2, 3);
  static_cast<void>(conv(ops::ones({1, 5, 5, 3})));
  EXPECT_ERROR(ShapeError, conv(ops::ones({1, 5, 5, 2})),
               "[Conv2D] The layer was built for 3 channels, received an input (1, 5, 5, 2)." + where + "(1, 5, 5, 2)");
  EXPECT_ERROR_WITH(ShapeError, conv(ops::ones({1, 2, 5, 3})), where + "(1, 2, 5, 3)");
}

TEST(LayerErrors, OfPooling) {
  EXPECT_ERROR(ValueError, MaxPooling2D(0), "[MaxPooling2D] Expected a positive pool_size, received (0, 0).");
  EXPECT_ERROR(ValueError, AveragePooling2D({2, -1}),
               "[AveragePooling2D] Expected a positive pool_size, received (2, -1).");
  EXPECT_ERROR(ValueError, MaxPooling2D(2, {.strides = {1, 0}}),
               "[MaxPooling2D] Expected positive strides (or 0: the pool_size), received (1, 0).");
  EXPECT_ERROR_WITH(ShapeError, MaxPooling2D()(ops::ones({2, 4})),
                    "[MaxPooling2D] Expected an input of rank 4, (batch, height, width, channels), received (2, 4).");
  EXPECT_ERROR_WITH(ShapeError, MaxPooling2D(5)(ops::ones({1, 4, 4, 1})), "called with input (1, 4, 4, 1)");
  EXPECT_ERROR_WITH(ShapeError, GlobalAveragePooling2D()(ops::ones({2, 4, 4})),
                    "[GlobalAveragePooling2D] Expected an input of rank 4, (batch, height, width, channels), received "
                    "(2, 4, 4).");
  EXPECT_ERROR_WITH(ShapeError, GlobalMaxPooling2D()(ops::ones({2, 4, 4})),
                    "[GlobalMaxPooling2D] Expected an input of rank 4");
}

TEST(LayerErrors, OfBatchNormalization) {
  EXPECT_ERROR(ValueError, BatchNormalization({.synchronized = true}),
               "[BatchNormalization] Argument synchronized=True needs several devices; there is one.");
  EXPECT_ERROR(ValueError, BatchNormalization({.epsilon = -0.5}),
               "[BatchNormalization] Expected epsilon >= 0, received -0.5.");
  EXPECT_ERROR(
      ValueError, BatchNormalization({.renorm_clipping = {{"max", 1}}}),
      "[BatchNormalization] Received invalid keys for `renorm_clipping` argument: max. Supported values: [rmax, rmin, "
      "dmax].");
  EXPECT_ERROR(
      ValueError, BatchNormalization({.renorm_clipping = {{"rmax", 1}, {"rmin", 2}}}),
      "[BatchNormalization] rmax should be greater than rmin in the `renorm_clipping` argument. Received: rmax=1, "
      "rmin=2.");
  EXPECT_ERROR(
      ValueError, BatchNormalization({.renorm_clipping = {{"dmax", -1}}}),
      "[BatchNormalization] dmax should be non-negative in the `renorm_clipping` argument. Received: dmax=-1.");
  const std::string where = "\n  in layer 'batch_normalization' (BatchNormalization) called with input ";
  EXPECT_ERROR(
      ValueError, BatchNormalization({.axis = 2})(ops::ones({3, 4})),
      "[BatchNormalization] Axis 2 is out of bounds for input shape (3, 4). Received: axis=2." + where + "(3, 4)");
  const BatchNormalization layer;
  static_cast<void>(layer(ops::ones({3, 4})));
  EXPECT_ERROR(
      ShapeError, layer(ops::ones({3, 4, 4})),
      "[BatchNormalization] The layer was built for rank 2, received an input (3, 4, 4)." + where + "(3, 4, 4)");
  EXPECT_ERROR(ShapeError, layer(ops::ones({3, 5})),
               "[BatchNormalization] The layer was built for 4 elements on axis -1, received an input (3, 5)." + where +
                   "(3, 5)");
  EXPECT_ERROR(ValueError, layer(ops::ones({3, 4}), {.training = true, .mask = ops::array({{true}})}),
               "[BatchNormalization] The mask provided should be one dimension less than the inputs. Received: "
               "mask.shape=(1, 1), inputs.shape=(3, 4)." +
                   where + "(3, 4)");
}

TEST(LayerErrors, OfNormalization) {
  const Tensor two = ops::array({1.0, 2.0}), three = ops::array({1.0, 2.0, 3.0});
  EXPECT_ERROR(ValueError, Normalization({.mean = two}),
               "[Normalization] When setting values directly, both `mean` and `variance` must be set.");
  EXPECT_ERROR(
      ValueError, Normalization({.mean = two, .variance = three}),
      "[Normalization] When setting values directly, `mean` and `variance` must have the same shape. Received: mean "
      "shape (2,) and variance shape (3,).");
  EXPECT_ERROR(
      ValueError, Normalization({.axis = Axes(std::vector<Dim>{}), .mean = two, .variance = two}),
      "[Normalization] The rank of `mean` must be less than or equal to the number of axes (0). Received: mean shape "
      "(2,).");
  EXPECT_ERROR(ValueError, Normalization({.mean = two, .variance = two}).adapt(ops::ones({3, 2})),
               "[Normalization.adapt] The layer was given `mean` and `variance`, so there is nothing to adapt.");
  EXPECT_ERROR(StateError, Normalization().adapt(Input({3})), "[Normalization.adapt] The data must be concrete.");
  EXPECT_ERROR(StateError, Normalization().adapt(Tensor()), "[Normalization.adapt] The data must be concrete.");
  EXPECT_ERROR(ShapeError, Normalization().adapt(ops::ones({0, 3})),
               "[Normalization.adapt] Expected samples, received shape (0, 3).");
  const std::string where = "\n  in layer 'normalization' (Normalization) called with input ";
  EXPECT_ERROR(
      ValueError, Normalization({.axis = 2})(ops::ones({3, 2})),
      "[Normalization] All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim=2, while "
      "axis=2." +
          where + "(3, 2)");
  EXPECT_ERROR(
      ShapeError, Normalization()(Input({-1})),
      "[Normalization] All `axis` values to be kept must have a known shape. Received inputs.shape=(?, ?), with "
      "unknown axis at index 1." +
          where + "(?, ?)");
  const Normalization layer;
  layer.adapt(ops::ones({3, 2}));
  EXPECT_ERROR(
      ShapeError, layer.adapt(ops::ones({3, 4})),
      "[Normalization.adapt] The layer was built with input_shape=(3, 2), but adapt() is being called with data with "
      "an incompatible shape, data.shape=(3, 4).");
  EXPECT_ERROR(ShapeError, layer(ops::ones({3, 4})),
               "[Normalization] The layer was built for inputs (3, 2), received (3, 4)." + where + "(3, 4)");
  EXPECT_ERROR(ShapeError, layer(ops::ones({3, 2, 2})),
               "[Normalization] The layer was built for inputs (3, 2), received (3, 2, 2)." + where + "(3, 2, 2)");
}

TEST(LayerErrors, OfEmbedding) {
  EXPECT_ERROR(ValueError, Embedding(0, 2),
               "[Embedding] `input_dim` must be a positive integer. Received: input_dim=0.");
  EXPECT_ERROR(ValueError, Embedding(2, -1),
               "[Embedding] `output_dim` must be a positive integer. Received: output_dim=-1.");
  EXPECT_ERROR(ShapeError, Embedding(2, 3, {.weights = ops::ones({3, 2})}),
               "[Embedding] Expected weights of shape (2, 3), received (3, 2).");
  EXPECT_ERROR_WITH(ValueError, Embedding(3, 2)(ops::array({{1, 3}})), "in layer 'embedding' (Embedding)");
  EXPECT_ERROR_WITH(ValueError, Embedding(3, 2)(ops::array({{1, -4}})), "in layer 'embedding' (Embedding)");
}

TEST(LayerErrors, OfDropoutFlattenAndReshape) {
  EXPECT_ERROR(ValueError, Dropout(1.5),
               "[Dropout] Invalid value received for argument `rate`. Expected a float value between "
               "0 and 1. Received: rate=1.5.");
  EXPECT_ERROR_WITH(ValueError, Dropout(-0.1), "Received: rate=-0.1.");
  EXPECT_ERROR(
      ValueError, Dropout(0.5, {.noise_shape = {0, 2}}),
      "[Dropout] Invalid value received for argument `noise_shape`. Expected all dimensions to be positive integers "
      "or -1. Received: noise_shape=(0, 2).");
  const std::string where = "\n  in layer 'dropout' (Dropout) called with input (3, 4)";
  EXPECT_ERROR(ShapeError, Dropout(0.5, {.noise_shape = {1}})(ops::ones({3, 4}), {.training = true}),
               "[Dropout] noise_shape must have one size per axis of the input. Expected rank 2, received "
               "noise_shape=(1,)." +
                   where);
  EXPECT_ERROR(ShapeError, Dropout(0.5, {.noise_shape = {2, 1}})(ops::ones({3, 4}), {.training = true}),
               "[Dropout] noise_shape does not broadcast to the input. Expected 1 or 3 on axis 0, received "
               "noise_shape=(2, 1)." +
                   where);
  EXPECT_ERROR_WITH(ShapeError, Flatten()(ops::ones({})),
                    "[Flatten] Expected an input of rank 1 or more, received a scalar.");
  EXPECT_ERROR(ValueError, Reshape({-1, -1}),
               "[Reshape] There must be at most one unknown dimension (-1) in target_shape. "
               "Received: target_shape=(?, ?).");
  EXPECT_ERROR_WITH(ValueError, Reshape({2, -2}), "[Reshape] Expected sizes of at least 0, or one -1");
  EXPECT_ERROR_WITH(ShapeError, Reshape({2, 2})(ops::ones({3, 5})),
                    "[Reshape] The total size of the tensor must be unchanged. Received: input_shape=(5,), "
                    "target_shape=(2, 2).");
  EXPECT_ERROR_WITH(ShapeError, Reshape({2, -1})(ops::ones({3, 5})), "The total size of the tensor must be unchanged.");
}

TEST(LayerErrors, OfLstm) {
  EXPECT_ERROR(ValueError, LSTM(0),
               "[LSTM] Received an invalid value for argument `units`, expected a positive integer, got 0.");
  EXPECT_ERROR(
      ValueError, LSTM(2, {.recurrent_dropout = 0.1, .use_cudnn = "true"}),
      "[LSTM] use_cudnn=true was specified, but the fused cell is not supported for this layer configuration. Expected "
      "tanh, sigmoid, no recurrent_dropout and no unroll. Hint: use_cudnn=\"auto\".");
  const std::string where = "\n  in layer 'lstm' (LSTM) called with input ";
  EXPECT_ERROR(
      ShapeError, LSTM(2)(ops::ones({3, 4})),
      "[LSTM] Expected an input of rank 3, (batch, steps, inputs), received (3, 4). Hint: return_sequences = true in "
      "the recurrent layer before." +
          where + "(3, 4)");
  EXPECT_ERROR(ValueError, LSTM(2, {.stateful = true})(Input({4, 2})),
               "[LSTM] When using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size: "
               "sequence.shape=(?, 4, 2). Hint: Input({...}, {.batch_size = 32})." +
                   where + "(?, 4, 2)");
  EXPECT_ERROR(ValueError, LSTM(2, {.unroll = true})(Input({-1, 2})),
               "[LSTM] Cannot unroll a RNN if the time dimension is undefined. Received (?, ?, 2). Hint: give Input() "
               "the number "
               "of steps." +
                   where + "(?, ?, 2)");
  const LSTM lstm(2), stateful(2, {.stateful = true});
  static_cast<void>(lstm(ops::ones({3, 4, 2})));
  static_cast<void>(stateful(ops::ones({3, 4, 2})));
  EXPECT_ERROR(ShapeError, lstm(ops::ones({3, 4, 5})),
               "[LSTM] The layer was built for a last axis of 2, received (3, 4, 5)." + where + "(3, 4, 5)");
  EXPECT_ERROR(ShapeError, lstm(ops::ones({3, 4})),
               "[LSTM] Expected an input of rank 3, (batch, steps, inputs), received (3, 4)." + where + "(3, 4)");
  EXPECT_ERROR(
      ShapeError, stateful(ops::ones({5, 4, 2})),
      "[LSTM] If an RNN is stateful, the batch size of the input sequences must be the same as the batch size of the "
      "initial state. Expected batch size: 3, received batch size: 5." +
          where + "(5, 4, 2)");
  const Tensor x = ops::ones({3, 4, 2}), state = ops::ones({3, 2});
  EXPECT_ERROR(ValueError, lstm(x, {.initial_state = state}),
               "[LSTM] Expected two initial states, {h, c}, received 1." + where + "(3, 4, 2)");
  EXPECT_ERROR(ShapeError, lstm(x, {.initial_state = {state, ops::ones({3, 5})}}),
               "[LSTM] An initial state does not fit. Expected (3, 2), received (3, 5)." + where + "(3, 4, 2)");
}

TEST(LayerErrors, OfInput) {
  EXPECT_ERROR(ValueError, Input({3}, {.batch_size = 0}), "[Input] Expected a positive batch_size, received 0.");
  EXPECT_ERROR_WITH(ValueError, Input({3, -2}), "[Input] Expected sizes of at least 0, or -1 for any, received -2.");
  EXPECT_ERROR(
      ValueError,
      layer_from_config(Config(Config::Object{{"class_name", "InputLayer"}, {"config", Config(Config::Object{})}})),
      "[InputLayer] The config has no \"batch_shape\".");
}

TEST(LayerErrors, OfMerges) {
  const std::string where = "\n  in layer 'add' (Add) called with inputs ";
  EXPECT_ERROR(
      ValueError, Add()(ops::ones({2, 3})),
      "[Add] A merge layer should be called on a list of at least 2 inputs. Received 1 inputs. Hint: add({a, b})."
      "\n  in layer 'add' (Add) called with input (2, 3)");
  EXPECT_ERROR(ShapeError, add({ops::ones({2, 3}), ops::ones({2, 4})}),
               "[Merge] Inputs have incompatible shapes. Received shapes (3,) and (4,) (without the batch)." + where +
                   "(2, 3), (2, 4)");
  EXPECT_ERROR(ShapeError, add({ops::ones({2, 3}), ops::ones({4, 3})}),
               "[Add] Cannot merge tensors with different batch sizes. Received tensors with shapes [(2, 3), (4, 3)]." +
                   where + "(2, 3), (4, 3)");
  EXPECT_ERROR(ShapeError, add({ops::ones({}), ops::ones({4, 3})}),
               "[Add] Expected inputs with a batch axis, received shapes [(), (4, 3)]." + where + "(), (4, 3)");
  EXPECT_ERROR_WITH(ValueError, subtract({ops::ones({2, 3}), ops::ones({2, 3}), ops::ones({2, 3})}),
                    "[Subtract] A `Subtract` layer should be called on exactly 2 inputs. Received 3 inputs.");
  EXPECT_ERROR_WITH(ValueError, concatenate({ops::ones({2, 3}), ops::ones({2, 3})}, {.axis = 2}),
                    "[Concatenate] Axis 2 is out of bounds for inputs of shape (2, 3).");
  EXPECT_ERROR_WITH(
      ShapeError, concatenate({ops::ones({2, 3}), ops::ones({3, 3})}),
      "[Concatenate] A `Concatenate` layer requires inputs with matching shapes except for the concatenation "
      "axis. Received: input_shape=[(2, 3), (3, 3)].");
  const Subtract layer;
  static_cast<void>(layer({ops::ones({2, 3}), ops::ones({2, 3})}));
  EXPECT_ERROR_WITH(ValueError, layer({ops::ones({2, 3}), ops::ones({2, 3}), ops::ones({2, 3})}), "exactly 2 inputs");
}

}  // namespace
}  // namespace kerata
