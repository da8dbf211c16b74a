// Draws models: the pictures of docs/plots.md, written into the working directory. Nothing has to be installed for it.
#include <kerata/kerata.h>
#include <cstdio>

using namespace kerata;
using namespace kerata::layers;

Model mnist() {
  Tensor inputs = Input({784}, {.name = "img"});
  Tensor x = Dense(64, {.activation = "relu"})(inputs);
  x = Dense(64, {.activation = "relu"})(x);
  return Model(inputs, Dense(10, {.activation = "softmax"})(x), {.name = "mnist_model"});
}

Model wide_and_deep() {
  Tensor input = Input({8});
  Tensor normalized = Normalization()(input);
  Tensor hidden = Dense(30, {.activation = "relu"})(normalized);
  hidden = Dense(30, {.activation = "relu"})(hidden);
  return Model(input, Dense(1)(concatenate({normalized, hidden})));
}

Model tickets() {
  Tensor title = Input({-1}, {.name = "title"}), body = Input({-1}, {.name = "body"});
  Tensor tags = Input({12}, {.name = "tags"});
  Tensor title_features = LSTM(128)(Embedding(10000, 64)(title));
  Tensor body_features = LSTM(32)(Embedding(10000, 64)(body));
  Tensor x = concatenate({title_features, body_features, tags});
  Tensor priority = Dense(1, {.activation = "sigmoid", .name = "priority"})(x);
  Tensor department = Dense(4, {.activation = "softmax", .name = "department"})(x);
  return Model({title, body, tags}, {priority, department});
}

Model toy_resnet() {
  Tensor input = Input({32, 32, 3});
  Tensor x = Conv2D(32, 1, {.padding = "same", .activation = "relu"})(input);
  for (int block = 0; block < 2; ++block) {
    Tensor identity = x;
    x = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(x);
    x = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(x);
    x = add({identity, x});
  }
  x = GlobalAveragePooling2D()(x);
  return Model(input, Dense(10, {.activation = "softmax"})(x));
}

Model shared_embedding() {
  Embedding embedding(1000, 128);
  Tensor first = Input({-1}, {.dtype = "int32"}), second = Input({-1}, {.dtype = "int32"});
  return Model({first, second}, {embedding(first), embedding(second)});
}

Model autoencoder() {
  Tensor image = Input({784}, {.name = "image"}), code = Input({16}, {.name = "code"});
  Model encoder(image, Dense(16, {.activation = "relu", .name = "squeeze"})(image), {.name = "encoder"});
  Model decoder(code, Dense(784, {.activation = "sigmoid", .name = "spread"})(code), {.name = "decoder"});
  Tensor inputs = Input({784}, {.name = "inputs"});
  return Model(inputs, decoder(encoder(inputs)), {.name = "autoencoder"});
}

int main() {
  utils::plot_model(mnist(), "mnist.png", {.show_shapes = true, .dpi = 96});
  utils::plot_model(wide_and_deep(), "wide_and_deep.png", {.show_shapes = true, .show_layer_names = true, .dpi = 96});
  utils::plot_model(tickets(), "tickets.png", {.show_shapes = true, .show_layer_names = true, .dpi = 96});
  utils::plot_model(toy_resnet(), "toy_resnet.png",
                    {.show_shapes = true, .show_layer_names = true, .dpi = 96, .show_layer_activations = true});
  utils::plot_model(shared_embedding(), "shared_embedding.png", {.show_shapes = true, .show_dtype = true, .dpi = 96});
  utils::plot_model(autoencoder(), "autoencoder.svg",
                    {.show_layer_names = true, .rankdir = "LR", .expand_nested = true, .show_trainable = true});
  std::puts("mnist.png wide_and_deep.png tickets.png toy_resnet.png shared_embedding.png autoencoder.svg");
}
