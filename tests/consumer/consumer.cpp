// A user's program: trains on bundled digits and checks what the installed package promises.
#include <kerata/kerata.h>
#include <iostream>

using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data();
  const Tensor x = x_train.slice({.stop = 2000}).reshape({-1, 784}).cast("float32") / 255.0;
  Tensor inputs = Input({784});
  Tensor outputs = Dense(10, {.activation = "softmax"})(Dense(32, {.activation = "relu"})(inputs));
  Model model(inputs, outputs);
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  History history = model.fit(x, y_train.slice({.stop = 2000}), {.epochs = 3, .verbose = 0});
  std::cout << "Kerata " << version() << ", accuracy " << history["accuracy"].back() << '\n';
  try {
    model.predict(ops::zeros({1, 5}));
  } catch (const ShapeError& error) {  // thrown in the library, caught by type here
    return history["accuracy"].back() > 0.8 ? 0 : 1;
  }
  return 1;
}
