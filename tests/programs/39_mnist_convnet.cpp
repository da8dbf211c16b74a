// X11 to X13: a small convnet, with Dropout and MaxPooling.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::mnist::load_data();
  Tensor x_train = data.x_train.slice({.stop = 512}), y_train = data.y_train.slice({.stop = 512});
  Tensor x_test = data.x_test.slice({.stop = 128}), y_test = data.y_test.slice({.stop = 128});
  Sequential model({
      Input({28, 28, 1}),
      Conv2D(32, {3, 3}, {.activation = "relu"}),
      Conv2D(64, {3, 3}, {.activation = "relu"}),
      MaxPooling2D({2, 2}),
      Dropout(0.25),
      Flatten(),
      Dense(128, {.activation = "relu"}),
      Dropout(0.5),
      Dense(10, {.activation = "softmax"}),
  });
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  x_train = x_train.reshape({-1, 28, 28, 1}) / 255.0;
  x_test = x_test.reshape({-1, 28, 28, 1}) / 255.0;
  model.fit(x_train, utils::to_categorical(y_train),
            {.batch_size = 128, .epochs = 1, .validation_data = {x_test, utils::to_categorical(y_test)}});
}
