// S1 (A.7 88, A.8 113 to 118): one network worked out by hand, biases fixed.
#include <iostream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  Tensor x = ops::array({{0.05, 0.10}}), target = ops::array({{0.01, 0.99}});
  Dense hidden(2, {.activation = "sigmoid"}), output(2, {.activation = "sigmoid"});
  Sequential model({Input({2}), hidden, output});

  hidden.set_weights({ops::array({{0.15, 0.25}, {0.20, 0.30}}), ops::array({0.35, 0.35})});
  output.set_weights({ops::array({{0.40, 0.50}, {0.45, 0.55}}), ops::array({0.60, 0.60})});
  const std::vector<Variable> kernels = {hidden.weights()[0], output.weights()[0]};

  optimizers::SGD sgd(0.5);
  for (int round = 0; round < 200; ++round) {
    GradientTape tape;
    Tensor error = 0.5 * ops::sum(ops::square(target - model(x)));
    Tensors slopes = gradients(error, kernels);
    sgd.apply(slopes, kernels);
    if (round == 0) std::cout << "E = " << error << "\ndE/dw1\n" << slopes[0] << "\nw5 to w8\n" << kernels[1] << '\n';
  }
  std::cout << model(x) << '\n';  // 0.015913620 0.984064274 after 10,000 rounds
}
