// The training loop written out: tape, gradients, optimizer, metric.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::mnist::load_data();
  Tensor x_train = data.x_train.slice({.stop = 2000}) / 255.0, y_train = data.y_train.slice({.stop = 2000});
  Sequential model({Input({28, 28}), Flatten(), Dense(64, {.activation = "relu"}), Dense(10)});

  losses::SparseCategoricalCrossentropy loss_fn({.from_logits = true});
  optimizers::Adam optimizer(1e-3);
  metrics::SparseCategoricalAccuracy accuracy;
  metrics::Mean mean_loss;

  for (int epoch = 0; epoch < 3; ++epoch) {
    accuracy.reset_state();
    for (Dim first = 0; first < 2000; first += 64) {
      const Tensor x = x_train.slice({.start = first, .stop = first + 64});
      const Tensor y = y_train.slice({.start = first, .stop = first + 64});
      GradientTape tape;
      Tensor logits = model(x, {.training = true});
      Tensor loss = loss_fn(y, logits);
      optimizer.apply(gradients(loss, model.trainable_variables()), model.trainable_variables());
      mean_loss.update_state(loss);
      accuracy.update_state(y, logits);
    }
    std::cout << epoch << " loss " << mean_loss.result() << " accuracy " << accuracy.result() << '\n';
  }
  return accuracy.result() > 0.85 && mean_loss.result() < 1 ? 0 : 1;
}
