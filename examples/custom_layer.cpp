// Layers of one's own: one with weights, one with state, one made of other layers.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

/// y = x w + b.
class CustomDenseLayer : public Layer {
 public:
  explicit CustomDenseLayer(Dim units) : units_(units) {}
  void build(const Shape& input) override {
    w_ = add_weight("w", {input.back(), units_}, {.initializer = "random_normal"});
    b_ = add_weight("b", {units_}, {.initializer = "zeros"});
  }
  Tensor call(const Tensor& x, const CallContext&) const override { return ops::matmul(x, w_) + b_; }

 private:
  Dim units_;
  Variable w_, b_;
};
using CustomDense = LayerRef<CustomDenseLayer, Dim>;

/// Subtracts a running mean of what it has seen in training.
class RunningCenterLayer : public Layer {
 public:
  struct Options {
    double momentum = 0.9;
    std::string name = {};
  };
  explicit RunningCenterLayer(const Options& options) : momentum_(options.momentum) {}
  void build(const Shape& input) override {
    mean_ = add_weight("mean", {input.back()}, {.initializer = "zeros", .trainable = false});
  }
  Tensor call(const Tensor& x, const CallContext& context) const override {
    if (!context.training()) return x - mean_;
    Tensor batch_mean = ops::mean(x, {.axis = 0});
    context.update(mean_, momentum_ * mean_ + (1 - momentum_) * batch_mean);  // the only way to write state
    return x - batch_mean;
  }

 private:
  double momentum_;
  Variable mean_;
};
using RunningCenter = LayerRef<RunningCenterLayer>;

/// x + dense(dense(x)): a layer made of layers.
class ResidualBlockLayer : public Layer {
 public:
  explicit ResidualBlockLayer(Dim units)
      : first_(add_layer("first", Dense(units, {.activation = "relu"}))), second_(add_layer("second", Dense(units))) {}
  Tensor call(const Tensor& x, const CallContext&) const override { return x + second_(first_(x)); }

 private:
  Dense first_, second_;
};
using ResidualBlock = LayerRef<ResidualBlockLayer, Dim>;

int main() {
  utils::set_random_seed(3);
  Tensor x = random::normal({2000, 8}, 5.0, 1.0);
  Tensor y = ops::mean(ops::square(x - 5.0), {.axis = -1, .keepdims = true});

  Tensor inputs = Input({8});
  Tensor h = RunningCenter({.momentum = 0.99})(inputs);
  h = ResidualBlock(8)(h);
  Model model(inputs, CustomDense(1, {.name = "head"})(h));
  model.summary();

  model.compile({.optimizer = "adam", .loss = "mse"});
  History history = model.fit(x, y, {.epochs = 10, .verbose = 2});
  std::cout << "Loss " << history["loss"].front() << " -> " << history["loss"].back() << '\n';
  return history["loss"].back() < 0.5 * history["loss"].front() ? 0 : 1;
}
