// S4 (A.7 112): print predictions against the truth after each epoch; stop by oneself.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class PrintPredictions : public Callback {
 public:
  PrintPredictions(Tensor x, Tensor y) : x_(std::move(x)), y_(std::move(y)) {}
  void on_epoch_end(int epoch, const Logs& logs) override {
    Tensor middle = x_.slice({.start = 50, .stop = 51});
    std::cout << epoch << ": " << model().predict(middle, {.verbose = 0}).item() << ", true " << y_[50].item() << '\n';
    best_ = std::min(best_, logs["loss"]);
    if (logs["loss"] < 1e-4) model().stop_training();
    if (epoch == 10) model().optimizer().set_learning_rate(1e-4);
  }
  double best() const { return best_; }

 private:
  Tensor x_, y_;
  double best_ = 1e9;
};

int main() {
  Tensor x = ops::linspace(0, 1, 100), y = ops::square(x);
  Sequential model({Input({1}), Dense(16, {.activation = "tanh"}), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  PrintPredictions printer(x, y);
  model.fit(x, y, {.epochs = 20, .callbacks = {printer}});  // used in place, so that best() is readable after
  std::cout << printer.best() << '\n';
}
