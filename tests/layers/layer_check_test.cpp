// layer_check of every layer: shapes, compiled against eager, copies, configs, one training step; and gradients in
// float64.
#include "kerata/testing/layer_check.h"

#include <gtest/gtest.h>

#include "kerata/layers/layers.h"
#include "kerata/ops/creation.h"
#include "kerata/testing/gradient_check.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using namespace layers;
using testing::gradient_check;
using testing::layer_check;

Tensor data(const Shape& shape, double seed = 0.4) { return test::wave(shape, seed).cast("float32"); }

struct Sample {
  std::string name;
  Function<AnyLayer()> make;
  testing::LayerCheckOptions options;
};

std::vector<Sample> dense_samples() {
  const Tensor x = data({4, 3});
  return {
      {"Dense",
       [] { return Dense(2); },
       {.inputs = x, .output_shapes = {{4, 2}}, .num_weights = 2, .num_trainable_weights = 2}},
      {"DenseRank4",
       [] { return Dense(5, {.activation = "softmax"}); },
       {.inputs = data({2, 3, 2, 4}), .output_shapes = {{2, 3, 2, 5}}, .num_weights = 2, .check_training = false}},
      {"DenseNoBias",
       [] { return Dense(2, {.activation = "tanh", .use_bias = false, .kernel_regularizer = "l2"}); },
       {.inputs = x, .num_weights = 1}},
      {"DenseFrozen",
       [] { return Dense(2, {.trainable = false}); },
       {.inputs = x, .num_weights = 2, .num_trainable_weights = 0}},
      {"Activation", [] { return Activation("tanh"); }, {.inputs = x, .output_shapes = {{4, 3}}, .num_weights = 0}},
      {"Dropout", [] { return Dropout(0.3); }, {.inputs = x, .output_shapes = {{4, 3}}, .num_weights = 0}},
      {"Flatten", [] { return Flatten(); }, {.inputs = data({2, 3, 4}), .output_shapes = {{2, 12}}, .num_weights = 0}},
      {"Reshape",
       [] {
         return Reshape({2, -1});
       },
       {.inputs = data({2, 12}), .output_shapes = {{2, 2, 6}}, .num_weights = 0}},
      {"Embedding",
       [] { return Embedding(5, 3, {.mask_zero = true}); },
       {.inputs = ops::array({{1, 2}, {0, 4}}),
        .output_shapes = {{2, 2, 3}},
        .num_weights = 1,
        .num_trainable_weights = 1}},
      {"BatchNormalization",
       [] { return BatchNormalization(); },
       {.inputs = x, .output_shapes = {{4, 3}}, .num_weights = 4, .num_trainable_weights = 2}},
      {"BatchNormalizationRenorm",
       [] { return BatchNormalization({.axis = 1, .renorm = true}); },
       {.inputs = data({2, 3, 4}), .num_weights = 7, .num_trainable_weights = 2}},
      {"Normalization",
       [] { return Normalization(); },
       {.inputs = x, .output_shapes = {{4, 3}}, .num_weights = 3, .num_trainable_weights = 0}},
  };
}

std::vector<Sample> image_samples() {
  const Tensor image = data({2, 6, 7, 3});
  return {
      {"Conv2D",
       [] { return Conv2D(4, 3); },
       {.inputs = image, .output_shapes = {{2, 4, 5, 4}}, .num_weights = 2, .num_trainable_weights = 2}},
      {"Conv2DSameStrided",
       [] {
         return Conv2D(4, {2, 3}, {.strides = 2, .padding = "same", .activation = "relu"});
       },
       {.inputs = image, .output_shapes = {{2, 3, 4, 4}}, .num_weights = 2}},
      {"Conv2DChannelsFirst",
       [] { return Conv2D(4, 3, {.data_format = "channels_first", .groups = 3 - 1}); },
       {.inputs = data({2, 4, 6, 7}), .output_shapes = {{2, 4, 4, 5}}, .num_weights = 2}},
      {"MaxPooling2D",
       [] { return MaxPooling2D(); },
       {.inputs = image, .output_shapes = {{2, 3, 3, 3}}, .num_weights = 0}},
      {"AveragePooling2D",
       [] {
         return AveragePooling2D({3, 2}, {.strides = 2, .padding = "same"});
       },
       {.inputs = image, .output_shapes = {{2, 3, 4, 3}}, .num_weights = 0}},
      {"GlobalMaxPooling2D",
       [] { return GlobalMaxPooling2D(); },
       {.inputs = image, .output_shapes = {{2, 3}}, .num_weights = 0}},
      {"GlobalAveragePooling2D",
       [] { return GlobalAveragePooling2D({.keepdims = true}); },
       {.inputs = image, .output_shapes = {{2, 1, 1, 3}}, .num_weights = 0}},
  };
}

std::vector<Sample> lstm_samples() {
  const Tensor steps = data({2, 4, 3});
  return {
      {"LSTM",
       [] { return LSTM(2); },
       {.inputs = steps, .output_shapes = {{2, 2}}, .num_weights = 3, .num_trainable_weights = 3}},
      {"LSTMSequences",
       [] { return LSTM(2, {.return_sequences = true, .return_state = true, .go_backwards = true}); },
       {.inputs = steps, .output_shapes = {{2, 4, 2}, {2, 2}, {2, 2}}, .num_weights = 3}},
      {"LSTMUnrolled",
       [] { return LSTM(2, {.activation = "relu", .unroll = true}); },
       {.inputs = steps, .num_weights = 3}},
      {"LSTMScan",
       [] { return LSTM(2, {.recurrent_activation = "hard_sigmoid", .use_bias = false}); },
       {.inputs = steps, .num_weights = 2}},
  };
}

std::vector<Sample> merge_samples() {
  const Tensors two = {data({2, 3}), data({2, 3}, 0.9)};
  const testing::LayerCheckOptions same = {.inputs = two, .output_shapes = {{2, 3}}, .num_weights = 0};
  return {{"Add", [] { return Add(); }, same},
          {"Subtract", [] { return Subtract(); }, same},
          {"Multiply", [] { return Multiply(); }, same},
          {"Average", [] { return Average(); }, same},
          {"Maximum", [] { return Maximum(); }, same},
          {"Minimum", [] { return Minimum(); }, same},
          {"Concatenate", [] { return Concatenate(); }, {.inputs = two, .output_shapes = {{2, 6}}, .num_weights = 0}},
          {"ConcatenateSteps",
           [] { return Concatenate({.axis = 1}); },
           {.inputs = {data({2, 3, 4}), data({2, 1, 4})}, .output_shapes = {{2, 4, 4}}, .num_weights = 0}}};
}

std::vector<Sample> samples() {
  std::vector<Sample> all = dense_samples();
  for (const auto& more : {image_samples(), lstm_samples(), merge_samples()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

class LayerCheck : public ::testing::TestWithParam<std::size_t> {};

TEST_P(LayerCheck, Holds) {
  const Sample sample = samples().at(GetParam());
  EXPECT_NO_THROW(layer_check(sample.make, sample.options)) << [&] {
    try {
      layer_check(sample.make, sample.options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("it held the second time");
  }();
}

std::vector<std::size_t> indices() {
  std::vector<std::size_t> result(samples().size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = i;
  return result;
}
std::string sample_name(const ::testing::TestParamInfo<std::size_t>& param) { return samples().at(param.param).name; }
INSTANTIATE_TEST_SUITE_P(All, LayerCheck, ::testing::ValuesIn(indices()), sample_name);

// In float64, training: the inputs' gradients against differences (the weights' are compared with Keras's).
TEST(LayerGradients, AgreeWithDifferences) {
  const auto check = [](const AnyLayer& layer, const Tensors& inputs) {
    SCOPED_TRACE(layer.class_name());
    static_cast<void>(layer.call_all(inputs));
    EXPECT_NO_THROW(
        gradient_check([&](const Tensors& x) { return layer(x, {.training = true}); }, inputs, {.tolerance = 2e-6}));
  };
  check(Dense(2, {.activation = "tanh", .dtype = "float64"}), data({3, 4}));
  check(Conv2D(2, 3, {.strides = 2, .padding = "same", .dtype = "float64"}), data({1, 4, 5, 2}));
  check(MaxPooling2D(2, {.padding = "same", .dtype = "float64"}), data({1, 4, 5, 2}));
  check(AveragePooling2D(2, {.padding = "same", .dtype = "float64"}), data({1, 4, 5, 2}));
  check(GlobalMaxPooling2D({.dtype = "float64"}), data({1, 4, 5, 2}));
  check(BatchNormalization({.dtype = "float64"}), data({5, 2}));
  check(LSTM(2, {.return_sequences = true, .dtype = "float64"}), data({2, 3, 2}));
  check(Multiply({.dtype = "float64"}), {data({2, 3}), data({2, 3}, 0.9)});
  check(Maximum({.dtype = "float64"}), {data({2, 3}), data({2, 3}, 0.9)});
}

}  // namespace
}  // namespace kerata
