#include "networks.h"

#include <string>

namespace bench {

using namespace kerata;
using namespace kerata::layers;

namespace {

// The last layer: in float32 under every policy, as Keras advises.
Dense head(Dim units, const std::string& activation) {
  return Dense(units, {.activation = activation, .dtype = "float32"});
}

Tensor conv_norm(const Tensor& x, Dim filters, Dim size, Dim stride) {
  return BatchNormalization()(Conv2D(filters, size, {.strides = stride, .padding = "same", .use_bias = false})(x));
}

Tensor residual(const Tensor& x, Dim filters, Dim stride) {
  const Tensor body = conv_norm(Activation("relu")(conv_norm(x, filters, 3, stride)), filters, 3, 1);
  const Tensor shortcut = stride > 1 ? conv_norm(x, filters, 1, stride) : x;
  return Activation("relu")(add({shortcut, body}));
}

Tensor mlp(const Tensor& x, Dim hidden) { return Dense(x.shape()[-1])(Dense(hidden, {.activation = "gelu"})(x)); }

}  // namespace

Model xor_net() { return Sequential({Input({2}), Dense(4, {.activation = "tanh"}), head(1, "sigmoid")}); }

Model fashion_mlp() {
  return Sequential({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), Dense(100, {.activation = "relu"}),
                     head(10, "softmax")});
}

Model batchnorm_mlp() {
  return Sequential({Input({28, 28}), Flatten(), Dense(300, {.activation = "relu"}), BatchNormalization(),
                     Dense(100, {.activation = "relu"}), BatchNormalization(), head(10, "softmax")});
}

Model mnist_mlp() {
  return Sequential(
      {Input({784}), Dense(64, {.activation = "relu"}), Dense(64, {.activation = "relu"}), head(10, "softmax")});
}

Model mnist_cnn() {
  return Sequential({Input({28, 28, 1}), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(2),
                     Conv2D(64, 3, {.activation = "relu"}), MaxPooling2D(2), Flatten(), Dropout(0.5),
                     head(10, "softmax")});
}

Model imdb_lstm() {
  return Sequential({Input({80}, {.dtype = "int32"}), Embedding(20000, 128), LSTM(128), head(1, "sigmoid")});
}

Model wide_deep() {
  Tensor wide = Input({5}), deep = Input({6});
  Tensor h = Dense(30, {.activation = "relu"})(Dense(30, {.activation = "relu"})(deep));
  return Model({wide, deep}, {head(1, "linear")(concatenate({wide, h})), head(1, "linear")(h)});
}

Model resnet() {
  Tensor image = Input({32, 32, 3});
  Tensor x = Activation("relu")(conv_norm(image, 16, 3, 1));
  for (Dim filters : {16, 32, 64})
    for (int block = 0; block < 3; ++block) x = residual(x, filters, filters > 16 && block == 0 ? 2 : 1);
  return Model(image, head(10, "softmax")(GlobalAveragePooling2D()(x)));
}

Model mlp_mixer() {
  Tensor image = Input({32, 32, 3});
  Tensor x = Reshape({64, 128})(Conv2D(128, 4, {.strides = 4})(image));  // (batch, patches, channels)
  for (int block = 0; block < 4; ++block) {
    const Tensor patches = ops::transpose(BatchNormalization()(x), {0, 2, 1});
    x = add({x, ops::transpose(mlp(patches, 64), {0, 2, 1})});
    x = add({x, mlp(BatchNormalization()(x), 256)});
  }
  return Model(image, head(10, "softmax")(ops::mean(BatchNormalization()(x), {.axis = 1})));
}

}  // namespace bench
