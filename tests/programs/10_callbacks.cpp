// S2, S4 (A.7 103, 112): checkpoint, early stopping, plateau.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::mnist::load_data();
  Tensor x_train = data.x_train.slice({.stop = 1000}), y_train = data.y_train.slice({.stop = 1000});
  Sequential model(
      {Input({28, 28}), Flatten(), Dense(100, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .metrics = {"acc"}});

  callbacks::ModelCheckpoint checkpoint_cb("my_checkpoints", {.save_best_only = true});
  callbacks::EarlyStopping early_stopping_cb({.patience = 2, .restore_best_weights = true});

  model.fit(
      x_train / 255.0, y_train,
      {.epochs = 200,
       .callbacks = {checkpoint_cb, early_stopping_cb, callbacks::EarlyStopping({.monitor = "val_acc", .patience = 10}),
                     callbacks::ReduceLROnPlateau({.monitor = "val_loss", .factor = 0.1, .patience = 10})},
       .validation_split = 0.1});
  std::cout << "stopped after epoch " << early_stopping_cb.stopped_epoch() << '\n';
  // Both kept the best epoch.
  Model best = load_model("my_checkpoints");
  Tensor x = data.x_test.slice({.stop = 10}) / 255.0;
  return best.predict(x).to_vector<float>() == model.predict(x).to_vector<float>() ? 0 : 1;
}
