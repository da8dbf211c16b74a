// S1 (A.7 89): MNIST with the functional API, saved and loaded again.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto [x_train, y_train, x_test, y_test] = datasets::mnist::load_data();
  x_train = x_train.reshape({-1, 784}).cast("float32") / 255.0;
  x_test = x_test.reshape({-1, 784}).cast("float32") / 255.0;

  Tensor inputs = Input({784}, {.name = "img"});
  Tensor x = Dense(64, {.activation = "relu"})(inputs);
  x = Dense(64, {.activation = "relu"})(x);
  Tensor outputs = Dense(10, {.activation = "softmax"})(x);

  Model model(inputs, outputs, {.name = "mnist_model"});
  model.summary();
  utils::plot_model(model, "my_first_model_with_shape_info.png", {.show_shapes = true});

  model.compile({.optimizer = optimizers::RMSprop(),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  History history = model.fit(x_train, y_train, {.batch_size = 64, .epochs = 2, .validation_split = 0.2});

  Scores scores = model.evaluate(x_test, y_test, {.verbose = 2});
  std::cout << "Test loss: " << scores[0] << "\nTest accuracy: " << scores["accuracy"] << '\n';

  model.save("path_to_my_model.keras");
  Model again = load_model("path_to_my_model.keras");
  std::cout << again.predict(x_test.slice({.stop = 5})).argmax(-1) << '\n';
  return again.predict(x_test).to_vector<float>() == model.predict(x_test).to_vector<float>() ? 0 : 1;
}
