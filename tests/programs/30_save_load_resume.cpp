// Whole models, weights, JSON; training goes on where it stopped.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  Tensor x = random::normal({256, 8}), y = random::normal({256, 1});
  Sequential model({Input({8}), Dense(32, {.activation = "relu"}), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.fit(x, y, {.epochs = 3});
  model.save("model.keras");  // the default format
  model.save("model.h5");     // Keras's old format
  model.save_weights("model.weights.h5");

  Model again = load_model("model.keras");  // compiled, optimizer slots included
  again.fit(x, y, {.epochs = 6, .callbacks = {callbacks::BackupAndRestore("backup")}, .initial_epoch = 3});

  Model only_graph = load_model("model.h5", {.compile = false});
  Model from_text = model_from_json(model.to_json());
  from_text.load_weights("model.weights.h5");
  Model same_shape = clone_model(model);
  same_shape.set_weights(model.get_weights());
  const std::vector<float> expected = model.predict(x).to_vector<float>();
  for (const Model& copy : {only_graph, from_text, same_shape})
    if (copy.predict(x).to_vector<float>() != expected) return 1;
}
