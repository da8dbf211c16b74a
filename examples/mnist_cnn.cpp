// Digits again, with convolutions and pooling: the pictures keep their two axes. KERATA_DEVICE=cuda trains on a GPU.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data();
  x_train = x_train.reshape({-1, 28, 28, 1}).cast("float32") / 255.0;
  x_test = x_test.reshape({-1, 28, 28, 1}).cast("float32") / 255.0;

  Sequential model({
      Input({28, 28, 1}),
      Conv2D(16, 3, {.activation = "relu"}),
      MaxPooling2D(2),
      Conv2D(32, 3, {.activation = "relu"}),
      MaxPooling2D(2),
      Flatten(),
      Dropout(0.25),
      Dense(10, {.activation = "softmax"}),
  });
  model.summary();
  std::cout << "Training on " << to_string(model.device()) << '\n';
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});

  callbacks::EarlyStopping stop({.monitor = "val_loss", .patience = 1, .restore_best_weights = true});
  model.fit(x_train, y_train, {.batch_size = 64, .epochs = 5, .callbacks = {stop}, .validation_split = 0.1});

  auto [loss, accuracy] = model.evaluate(x_test, y_test, {.verbose = 0}).unpack<2>();
  std::cout << "Test loss: " << loss << "\nTest accuracy: " << accuracy << '\n';
  return accuracy > 0.95 ? 0 : 1;
}
