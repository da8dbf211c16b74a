#include "training/recipes.h"

#include <map>

#include "core/require.h"
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/regularizers/regularizers.h"

namespace kerata::test {
namespace {

using namespace layers;

Model classifier() {
  return Sequential({Input({6}), Dense(8, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
}
Model regressor() { return Sequential({Input({6}), Dense(8, {.activation = "tanh"}), Dense(1)}); }
Model binary() {
  return Sequential({Input({6}), Dense(5, {.activation = "relu"}), Dense(1, {.activation = "sigmoid"})});
}

Model batchnorm() {
  return Sequential({Input({6}), Dense(8, {.use_bias = false}), BatchNormalization({.momentum = 0.9}),
                     Activation("relu"), Dense(3, {.activation = "softmax"})});
}
Model batchnorm_frozen() {
  Model model = batchnorm();
  model.layers()[1].set_trainable(false);
  return model;
}
Model batchnorm_conv() {
  return Sequential({Input({6, 6, 2}), Conv2D(3, 3, {.padding = "same", .use_bias = false}),
                     BatchNormalization({.epsilon = 0.01, .center = false}), Activation("relu"),
                     GlobalAveragePooling2D(), Dense(1, {.activation = "sigmoid"})});
}

Model convnet() {
  return Sequential({Input({8, 8, 1}), Conv2D(4, 3, {.activation = "relu"}), MaxPooling2D(2),
                     Conv2D(5, 2, {.strides = 2, .padding = "same", .activation = "relu"}), Flatten(),
                     Dense(3, {.activation = "softmax"})});
}
Model convnet_average() {
  Tensor inputs = Input({8, 8, 2});
  Tensor x = Conv2D(4, 3, {.padding = "same", .groups = 2, .activation = "relu"})(inputs);
  Tensor y = Conv2D(4, 3, {.padding = "same", .dilation_rate = 2, .activation = "relu"})(x);
  x = add({x, y});
  x = AveragePooling2D(3, {.strides = 2, .padding = "same"})(x);
  return Model(inputs, Dense(3)(GlobalMaxPooling2D()(x)));
}

Model lstm() {
  return Sequential({Input({6}, {.dtype = "int32"}), Embedding(10, 4), LSTM(5), Dense(1, {.activation = "sigmoid"})});
}
Model lstm_masked() {
  Tensor inputs = Input({6}, {.dtype = "int32"});
  Tensor x = Embedding(10, 4, {.mask_zero = true})(inputs);
  x = LSTM(5, {.return_sequences = true})(x);
  x = LSTM(4, {.go_backwards = true})(x);
  return Model(inputs, Dense(1, {.activation = "sigmoid"})(x));
}
Model lstm_every_step() {
  Tensor inputs = Input({6}, {.dtype = "int32"});
  Tensor x = Embedding(10, 4, {.mask_zero = true})(inputs);
  x = LSTM(5, {.return_sequences = true})(x);
  return Model(inputs, Dense(3, {.activation = "softmax"})(x));
}
Model lstm_masked_merge() {
  Tensor left = Input({6}, {.dtype = "int32", .name = "left"}), right = Input({6}, {.dtype = "int32", .name = "right"});
  Embedding embedding(10, 4, {.mask_zero = true});
  Tensor x = embedding(left), y = embedding(right);
  x = Concatenate()({Add()({x, y}), x});
  return Model({left, right}, Dense(1, {.activation = "sigmoid"})(LSTM(3)(x)));
}

Model wide_deep() {
  Tensor wide = Input({3}, {.name = "wide"}), deep = Input({4}, {.name = "deep"});
  Tensor x = Dense(6, {.activation = "relu"})(deep);
  Tensor main = Dense(1, {.name = "main"})(concatenate({wide, x}));
  return Model({wide, deep}, {main, Dense(1, {.activation = "sigmoid", .name = "aux"})(x)});
}
Model two_heads() {
  Tensor inputs = Input({6}, {.name = "features"});
  Tensor x = Dense(6, {.activation = "relu"})(inputs);
  Tensor score = Dense(1, {.name = "score"})(x), kind = Dense(3, {.activation = "softmax", .name = "kind"})(x);
  return Model(inputs, {{"kind", kind}, {"score", score}});  // Keras sorts a map of outputs
}
Model siamese() {
  Tensor left = Input({3}, {.name = "left"}), right = Input({3}, {.name = "right"});
  Dense shared(4, {.activation = "tanh"});
  Tensor x = Subtract()({shared(left), shared(right)});
  return Model({left, right}, Dense(1, {.activation = "sigmoid"})(x));
}
Model nested() {
  Sequential inner({Input({6}), Dense(5, {.activation = "relu"}), BatchNormalization()}, {.name = "inner"});
  Tensor inputs = Input({6});
  Tensor x = inner(inputs);
  return Model(inputs, Dense(1)(2.0 * x + inner(-inputs)));
}

Model regularized() {
  return Sequential(
      {Input({6}),
       Dense(8, {.activation = "relu",
                 .kernel_regularizer = regularizers::L2(0.01),
                 .bias_regularizer = regularizers::L1(0.02)}),
       Dense(4, {.activation = "tanh", .kernel_regularizer = regularizers::L1L2({.l1 = 0.003, .l2 = 0.004})}),
       Dense(1)});
}
Model activity_regularized() {
  return Sequential(
      {Input({6}),
       Dense(8, {.activation = "relu", .activity_regularizer = regularizers::L1L2({.l1 = 0.01, .l2 = 0.02})}),
       Dense(1)});
}

}  // namespace

Model make_recipe(const std::string& name) {
  static const std::map<std::string, Model (*)()> recipes = {{"classifier", classifier},
                                                             {"regressor", regressor},
                                                             {"binary", binary},
                                                             {"batchnorm", batchnorm},
                                                             {"batchnorm_frozen", batchnorm_frozen},
                                                             {"batchnorm_conv", batchnorm_conv},
                                                             {"convnet", convnet},
                                                             {"convnet_average", convnet_average},
                                                             {"lstm", lstm},
                                                             {"lstm_masked", lstm_masked},
                                                             {"lstm_every_step", lstm_every_step},
                                                             {"lstm_masked_merge", lstm_masked_merge},
                                                             {"wide_deep", wide_deep},
                                                             {"two_heads", two_heads},
                                                             {"siamese", siamese},
                                                             {"nested", nested},
                                                             {"regularized", regularized},
                                                             {"activity_regularized", activity_regularized}};
  const auto found = recipes.find(name);
  require<ValueError>(found != recipes.end(), "make_recipe", "Unknown recipe \"", name, "\".");
  return found->second();
}

}  // namespace kerata::test
