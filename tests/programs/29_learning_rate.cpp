// Schedules, and S2's learning-rate finder (A.5 73).
#include <cmath>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class LearningRateFinder : public Callback {
 public:
  explicit LearningRateFinder(double factor) : factor_(factor) {}
  void on_batch_end(int, const Logs& logs) override {
    rates.push_back(static_cast<float>(model().optimizer().learning_rate()));
    losses.push_back(static_cast<float>(logs["loss"]));
    model().optimizer().set_learning_rate(rates.back() * factor_);
  }
  std::vector<float> rates, losses;

 private:
  double factor_;
};

int main() {
  auto data = datasets::fashion_mnist::load_data();
  Tensor x = data.x_train.slice({.stop = 3200}) / 255.0, y = data.y_train.slice({.stop = 3200});
  Sequential model({Input({28, 28}), Flatten(), Dense(100, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});

  model.compile({.optimizer = optimizers::SGD(1e-5), .loss = "sparse_categorical_crossentropy"});
  LearningRateFinder finder(std::pow(10 / 1e-5, 1.0 / 100));
  model.fit(x, y, {.callbacks = {finder}, .steps_per_epoch = 100});
  Tensor log_rates = ops::log(ops::array(finder.rates));
  if (log_rates.size() != 100 || std::abs(finder.rates.back() - 8.7) > 0.1) return 1;

  optimizers::schedules::ExponentialDecay schedule(0.1, 100, 0.96, {.staircase = true});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = schedule, .momentum = 0.9, .nesterov = true}),
                 .loss = "sparse_categorical_crossentropy"});
  model.fit(x, y, {.epochs = 2});
  return std::abs(model.optimizer().learning_rate() - 0.096 * 0.96) < 1e-6 ? 0 : 1;  // 200 steps
}
