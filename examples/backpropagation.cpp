// The worked example of a course: two inputs, two hidden and two output neurons, biases fixed. Every number that the
// course derives by hand is printed beside the library's, and checked.
#include <kerata/kerata.h>

#include <cmath>
#include <cstdio>
using namespace kerata;
using namespace kerata::layers;

bool all_agree = true;

void check(const char* what, double value, double expected, double tolerance = 2e-7) {
  const bool agrees = std::abs(value - expected) <= tolerance;
  all_agree = all_agree && agrees;
  std::printf("%-24s %12.9f   by hand %12.9f%s\n", what, value, expected, agrees ? "" : "   DIFFERENT");
}

const Tensor x = ops::array({{0.05, 0.10}}), target = ops::array({{0.01, 0.99}});

void check_forward(const Dense& hidden, const Dense& output) {
  std::puts("Forward");
  auto net = [](const Dense& layer, const Tensor& in) {
    return ops::matmul(in, layer.weights()[0]) + layer.weights()[1];
  };
  Tensor out_h = hidden(x), out_o = output(out_h);
  check("net_h1", net(hidden, x)[0][0].item(), 0.3775);
  check("out_h1", out_h[0][0].item(), 0.593269992);
  check("out_h2", out_h[0][1].item(), 0.596884378);
  check("net_o1", net(output, out_h)[0][0].item(), 1.105905967);
  check("out_o1", out_o[0][0].item(), 0.75136507);
  check("out_o2", out_o[0][1].item(), 0.772928465);
  Tensor errors = 0.5 * ops::square(target - out_o);
  check("E_o1", errors[0][0].item(), 0.274811083);
  check("E_o2", errors[0][1].item(), 0.023560026);
  check("E_total", ops::sum(errors).item(), 0.298371109);
}

/// The chain rule, factor by factor: each is the gradient of a part of the network by its own input.
void check_backward(const Dense& hidden, const Dense& output) {
  std::puts("Backward");
  GradientTape tape;
  Tensor out_h = hidden(x), net_o = ops::matmul(out_h, output.weights()[0]) + output.weights()[1];
  Tensor out_o = ops::sigmoid(net_o), errors = 0.5 * ops::square(target - out_o);
  Tensor error_1 = ops::sum(errors.slice({.axis = 1, .stop = 1})),
         error_2 = ops::sum(errors.slice({.axis = 1, .start = 1}));
  Tensor error = ops::sum(errors);
  check("dE/dout_o1", gradients(error, out_o)[0][0][0].item(), 0.74136507);
  check("dE_o1/dnet_o1", gradients(error_1, net_o)[0][0][0].item(), 0.138498562);
  check("dE_o1/dout_h1", gradients(error_1, out_h)[0][0][0].item(), 0.055399425);
  check("dE_o2/dout_h1", gradients(error_2, out_h)[0][0][0].item(), -0.019049118);
  check("dE/dout_h1", gradients(error, out_h)[0][0][0].item(), 0.036350306);
  check("dE/dw5", gradients(error, output.weights()[0])[0][0][0].item(), 0.082167041);
  check("dE/dw1", gradients(error, hidden.weights()[0])[0][0][0].item(), 0.000438568);
}

void check_update(const Dense& hidden, const Dense& output) {
  std::puts("After one round");
  Tensor w1 = hidden.weights()[0], w5 = output.weights()[0];
  check("w5", w5[0][0].item(), 0.35891648);
  check("w6", w5[1][0].item(), 0.408666186);
  check("w7", w5[0][1].item(), 0.511301270);
  check("w8", w5[1][1].item(), 0.561370121);
  check("w1", w1[0][0].item(), 0.149780716);
  check("w2", w1[1][0].item(), 0.19956143);
  check("w3", w1[0][1].item(), 0.24975114);
  check("w4", w1[1][1].item(), 0.29950229);
}

int main() {
  Dense hidden(2, {.activation = "sigmoid"}), output(2, {.activation = "sigmoid"});
  Sequential model({Input({2}), hidden, output});
  hidden.set_weights({ops::array({{0.15, 0.25}, {0.20, 0.30}}), ops::array({0.35, 0.35})});
  output.set_weights({ops::array({{0.40, 0.50}, {0.45, 0.55}}), ops::array({0.60, 0.60})});
  check_forward(hidden, output);
  check_backward(hidden, output);

  const std::vector<Variable> kernels = {hidden.weights()[0], output.weights()[0]};
  auto error_of = [&] { return 0.5 * ops::sum(ops::square(target - model(x))); };
  optimizers::SGD sgd(0.5);
  for (int round = 0; round < 10000; ++round) {
    GradientTape tape;
    sgd.apply(gradients(error_of(), kernels), kernels);
    if (round > 0) continue;
    check_update(hidden, output);
    check("E_total", error_of().item(), 0.291027774);
  }
  std::puts("After 10,000 rounds");
  check("E_total", error_of().item(), 0.000035102, 1e-7);
  Tensor trained = model(x);
  check("out_o1", trained[0][0].item(), 0.015913620, 2e-6);
  check("out_o2", trained[0][1].item(), 0.984064274, 2e-6);
  return all_agree ? 0 : 1;
}
