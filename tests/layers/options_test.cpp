// Each field of each layer's Options changes what the layer does, and survives its config.
#include "layers/options_effect.h"

#include "kerata/constraints/constraints.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/regularizers/regularizers.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using namespace layers;
using test::expect_effects;
using test::wave;
using test::with_tail;

Tensor data(const Shape& shape) { return wave(shape, 0.4).cast("float32"); }
const std::set<std::string> kInputShape = {"input_shape"};

TEST(Options, OfDense) {
  using O = Dense::Options;
  expect_effects<Dense>(data({4, 3}),
                        with_tail<O>({{"activation", [](O& o) { o.activation = "tanh"; }},
                                      {"use_bias", [](O& o) { o.use_bias = false; }},
                                      {"kernel_initializer", [](O& o) { o.kernel_initializer = "ones"; }},
                                      {"bias_initializer", [](O& o) { o.bias_initializer = "ones"; }},
                                      {"kernel_regularizer", [](O& o) { o.kernel_regularizer = "l2"; }},
                                      {"bias_regularizer", [](O& o) { o.bias_regularizer = "l1"; }},
                                      {"activity_regularizer", [](O& o) { o.activity_regularizer = "l2"; }},
                                      {"kernel_constraint", [](O& o) { o.kernel_constraint = "unit_norm"; }},
                                      {"bias_constraint", [](O& o) { o.bias_constraint = "non_neg"; }},
                                      {"input_shape", [](O& o) { o.input_shape = {3}; }},
                                      {"input_dim", [](O& o) { o.input_dim = 3; }}}),
                        {"input_shape", "input_dim"}, 2);
}

TEST(Options, OfConv2D) {
  using O = Conv2D::Options;
  expect_effects<Conv2D>(data({2, 5, 6, 4}),
                         with_tail<O>({{"strides", [](O& o) { o.strides = 2; }},
                                       {"padding", [](O& o) { o.padding = "same"; }},
                                       {"data_format", [](O& o) { o.data_format = "channels_first"; }},
                                       {"dilation_rate",
                                        [](O& o) {
                                          o.dilation_rate = {1, 2};
                                        }},
                                       {"groups", [](O& o) { o.groups = 2; }},
                                       {"activation", [](O& o) { o.activation = "tanh"; }},
                                       {"use_bias", [](O& o) { o.use_bias = false; }},
                                       {"kernel_initializer", [](O& o) { o.kernel_initializer = "ones"; }},
                                       {"bias_initializer", [](O& o) { o.bias_initializer = "ones"; }},
                                       {"kernel_regularizer", [](O& o) { o.kernel_regularizer = "l2"; }},
                                       {"bias_regularizer", [](O& o) { o.bias_regularizer = "l1"; }},
                                       {"activity_regularizer", [](O& o) { o.activity_regularizer = "l2"; }},
                                       {"kernel_constraint", [](O& o) { o.kernel_constraint = "unit_norm"; }},
                                       {"bias_constraint", [](O& o) { o.bias_constraint = "non_neg"; }},
                                       {"input_shape",
                                        [](O& o) {
                                          o.input_shape = {5, 6, 4};
                                        }}}),
                         kInputShape, 2, 3);
}

TEST(Options, OfPooling) {
  const Tensor image = data({2, 5, 6, 3});
  using O = MaxPooling2D::Options;
  const auto changes = with_tail<O>({{"strides", [](O& o) { o.strides = 1; }},
                                     {"padding", [](O& o) { o.padding = "same"; }},
                                     {"data_format", [](O& o) { o.data_format = "channels_first"; }},
                                     {"input_shape", [](O& o) {
                                        o.input_shape = {5, 6, 3};
                                      }}});
  expect_effects<MaxPooling2D>(image, changes, kInputShape, 2);
  expect_effects<AveragePooling2D>(image, changes, kInputShape, 2);
  using G = GlobalMaxPooling2D::Options;
  const auto global = with_tail<G>({{"data_format", [](G& o) { o.data_format = "channels_first"; }},
                                    {"keepdims", [](G& o) { o.keepdims = true; }},
                                    {"input_shape", [](G& o) {
                                       o.input_shape = {5, 6, 3};
                                     }}});
  expect_effects<GlobalMaxPooling2D>(image, global, kInputShape);
  expect_effects<GlobalAveragePooling2D>(image, global, kInputShape);
}

TEST(Options, OfBatchNormalization) {
  using O = BatchNormalization::Options;
  auto renorm = [](O& o) { o.renorm = true; };
  expect_effects<BatchNormalization>(
      data({6, 3}),
      with_tail<O>({{"axis", [](O& o) { o.axis = 0; }},
                    {"momentum", [](O& o) { o.momentum = 0.5; }},
                    {"epsilon", [](O& o) { o.epsilon = 0.1; }},
                    {"center", [](O& o) { o.center = false; }},
                    {"scale", [](O& o) { o.scale = false; }},
                    {"beta_initializer", [](O& o) { o.beta_initializer = "ones"; }},
                    {"gamma_initializer", [](O& o) { o.gamma_initializer = "zeros"; }},
                    {"moving_mean_initializer", [](O& o) { o.moving_mean_initializer = "ones"; }},
                    {"moving_variance_initializer", [](O& o) { o.moving_variance_initializer = "zeros"; }},
                    {"beta_regularizer", [](O& o) { o.beta_regularizer = "l1"; }},
                    {"gamma_regularizer", [](O& o) { o.gamma_regularizer = "l2"; }},
                    {"beta_constraint", [](O& o) { o.beta_constraint = "non_neg"; }},
                    {"gamma_constraint", [](O& o) { o.gamma_constraint = "non_neg"; }},
                    {"renorm", renorm},
                    {"renorm_clipping",
                     [](O& o) {
                       o.renorm_clipping = {{"rmax", 1.01}, {"dmax", 0}};
                     },
                     renorm},
                    {"renorm_momentum", [](O& o) { o.renorm_momentum = 0.5; }, renorm},
                    {"synchronized", [](O& o) { o.synchronized = true; }},
                    {"input_shape", [](O& o) { o.input_shape = {3}; }}}),
      kInputShape);
}

TEST(Options, OfNormalization) {
  using O = Normalization::Options;
  const Tensor two = ops::array({2.0, 3.0, 4.0});
  auto given = [&](O& o) { o.mean = two, o.variance = two; };
  expect_effects<Normalization>(data({4, 3}),
                                with_tail<O>({{"axis", [](O& o) { o.axis = Axes(std::vector<Dim>{}); }},
                                              {"mean", [&](O& o) { o.mean = two + 1; }, given},
                                              {"variance", [&](O& o) { o.variance = two + 1; }, given},
                                              {"invert", [](O& o) { o.invert = true; }, given},
                                              {"input_shape", [](O& o) { o.input_shape = {3}; }}}),
                                kInputShape);
}

TEST(Options, OfEmbedding) {
  using O = Embedding::Options;
  expect_effects<Embedding>(
      ops::array({{0, 1, 2}, {3, 0, 1}}),
      with_tail<O>({{"embeddings_initializer", [](O& o) { o.embeddings_initializer = "ones"; }},
                    {"embeddings_regularizer", [](O& o) { o.embeddings_regularizer = "l2"; }},
                    {"embeddings_constraint", [](O& o) { o.embeddings_constraint = "unit_norm"; }},
                    {"mask_zero", [](O& o) { o.mask_zero = true; }},
                    {"weights",
                     [](O& o) {
                       o.weights = ops::ones({4, 2});
                     }},
                    {"activity_regularizer", [](O& o) { o.activity_regularizer = "l2"; }},
                    {"input_shape", [](O& o) { o.input_shape = {3}; }}}),
      {"input_shape", "weights"}, 4, 2);
}

TEST(Options, OfDropout) {
  using O = Dropout::Options;
  expect_effects<Dropout>(data({4, 3}),
                          with_tail<O>({{"noise_shape",
                                         [](O& o) {
                                           o.noise_shape = {-1, 1};
                                         }},
                                        {"seed", [](O& o) { o.seed = 3; }},
                                        {"input_shape", [](O& o) { o.input_shape = {3}; }}}),
                          kInputShape, 0.5);
}

TEST(Options, OfTheShapeLayers) {
  using F = Flatten::Options;
  expect_effects<Flatten>(data({2, 3, 4}),
                          with_tail<F>({{"data_format", [](F& o) { o.data_format = "channels_first"; }},
                                        {"input_shape",
                                         [](F& o) {
                                           o.input_shape = {3, 4};
                                         }}}),
                          kInputShape);
  using O = LayerBase::Options;
  const auto only_tail = with_tail<O>({{"input_shape", [](O& o) { o.input_shape = {6}; }}});
  expect_effects<Reshape>(data({2, 6}), only_tail, kInputShape, Shape{2, 3});
  expect_effects<Activation>(data({2, 6}), only_tail, kInputShape, AnyActivation("relu"));
}

TEST(Options, OfMerges) {
  const Tensors two = {data({2, 3, 4}), wave({2, 3, 4}, 0.9).cast("float32")};
  const auto tail = test::tail_changes<LayerBase::Options>();
  expect_effects<Add>(two, tail, {});
  expect_effects<Subtract>(two, tail, {});
  expect_effects<Multiply>(two, tail, {});
  expect_effects<Average>(two, tail, {});
  expect_effects<Maximum>(two, tail, {});
  expect_effects<Minimum>(two, tail, {});
  using O = Concatenate::Options;
  expect_effects<Concatenate>(two, with_tail<O>({{"axis", [](O& o) { o.axis = 1; }}}), {});
}

TEST(Options, OfLstm) {
  using O = LSTM::Options;
  const Tensor mask = ops::array({{true, true, false}, {false, true, true}});
  auto with_dropout = [](O& o) { o.dropout = 0.5; };
  expect_effects<LSTM>(data({2, 3, 4}).with_mask(mask),
                       with_tail<O>({{"activation", [](O& o) { o.activation = "relu"; }},
                                     {"recurrent_activation", [](O& o) { o.recurrent_activation = "hard_sigmoid"; }},
                                     {"use_bias", [](O& o) { o.use_bias = false; }},
                                     {"kernel_initializer", [](O& o) { o.kernel_initializer = "ones"; }},
                                     {"recurrent_initializer", [](O& o) { o.recurrent_initializer = "ones"; }},
                                     {"bias_initializer", [](O& o) { o.bias_initializer = "ones"; }},
                                     {"unit_forget_bias", [](O& o) { o.unit_forget_bias = false; }},
                                     {"kernel_regularizer", [](O& o) { o.kernel_regularizer = "l2"; }},
                                     {"recurrent_regularizer", [](O& o) { o.recurrent_regularizer = "l2"; }},
                                     {"bias_regularizer", [](O& o) { o.bias_regularizer = "l1"; }},
                                     {"activity_regularizer", [](O& o) { o.activity_regularizer = "l2"; }},
                                     {"kernel_constraint", [](O& o) { o.kernel_constraint = "unit_norm"; }},
                                     {"recurrent_constraint", [](O& o) { o.recurrent_constraint = "non_neg"; }},
                                     {"bias_constraint", [](O& o) { o.bias_constraint = "non_neg"; }},
                                     {"dropout", [](O& o) { o.dropout = 0.5; }},
                                     {"recurrent_dropout", [](O& o) { o.recurrent_dropout = 0.5; }},
                                     {"seed", [](O& o) { o.seed = 3; }, with_dropout},
                                     {"return_sequences", [](O& o) { o.return_sequences = true; }},
                                     {"return_state", [](O& o) { o.return_state = true; }},
                                     {"go_backwards", [](O& o) { o.go_backwards = true; }},
                                     {"stateful", [](O& o) { o.stateful = true; }},
                                     {"unroll", [](O& o) { o.unroll = true; }},  // needs to know the number of steps
                                     {"use_cudnn", [](O& o) { o.use_cudnn = "true"; }, [](O& o) { o.unroll = true; }},
                                     {"zero_output_for_mask", [](O& o) { o.zero_output_for_mask = true; },
                                      [](O& o) { o.return_sequences = true; }},
                                     {"input_shape",
                                      [](O& o) {
                                        o.input_shape = {3, 4};
                                      }}}),
                       {"input_shape", "use_cudnn"}, 2);
}

TEST(Options, OfInput) {
  auto shape = [](const InputOptions& options) { return to_string(Input({3}, options).shape().from(1)); };
  EXPECT_EQ(Input({3}, {.batch_size = 4}).shape(), (Shape{4, 3}));
  EXPECT_EQ(Input({3}, {.dtype = "int32"}).dtype(), DType::int32);
  EXPECT_EQ(shape({.name = "x"}), "(3,)");
  EXPECT_EQ(InputLayer({3}, {.name = "x"}).name(), "x");
  for (const InputOptions& options : std::vector<InputOptions>{{.batch_size = 4}, {.dtype = "int32"}, {.name = "x"}}) {
    const Config config = InputLayer({3}, options).get_config();
    EXPECT_FALSE(config == InputLayer({3}).get_config());
    EXPECT_EQ(layer_from_config(Config(Config::Object{{"class_name", "InputLayer"}, {"config", config}})).get_config(),
              config);
  }
}

}  // namespace
}  // namespace kerata
