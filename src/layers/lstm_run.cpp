// The ways to run an LSTM: the fused op, a scan, a node per step.
#include "layers/lstm_run.h"

#include "core/require.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "layers/dropout_noise.h"
#include "ops/nn_ops.h"

namespace kerata::layers {
namespace {

constexpr int kGates = 4;  // i, f, c, o

Tensor at_step(const Tensor& x, Dim step) {  // (batch, steps, n) -> (batch, n)
  return ops::squeeze(x.slice({.axis = 1, .start = step, .stop = step + 1}), 1);
}

/// (batch, steps, ...) <-> (steps, batch, ...)
Tensor swap_time(const Tensor& x) {
  return ops::transpose(x, x.rank() == 3 ? std::vector<Dim>{1, 0, 2} : std::vector<Dim>{1, 0});
}

}  // namespace

void LSTMLayer::prepare_dropout(Run& run, const CallContext& context) const {
  if (!context.training()) return;
  const Dim batch = run.x.shape()[0], inputs = run.x.shape()[2];
  const int draws = options_.recurrent_dropout > 0 ? kGates : 1;  // as Keras's implementation 1 and 2
  auto factor = [&](const Shape& shape, double rate) {
    const Tensor ones = ops::ones(shape, options_.dtype.compute_dtype());
    return drop(ones, uniform_noise(shape, seed_, context), rate);
  };
  if (options_.dropout > 0 && options_.dropout < 1)
    for (int i = 0; i < draws; ++i) run.input_drop.push_back(factor({batch, 1, inputs}, options_.dropout));
  if (options_.recurrent_dropout > 0 && options_.recurrent_dropout < 1)
    for (int i = 0; i < kGates; ++i) run.recurrent_drop.push_back(factor({batch, units_}, options_.recurrent_dropout));
}

// The part of the gates that does not depend on the states, for all steps at once: (batch, steps, 4 units).
Tensor LSTMLayer::project(const Run& run) const {
  Tensor result;
  if (run.input_drop.size() <= 1) {
    result = ops::matmul(run.input_drop.empty() ? run.x : run.x * run.input_drop[0], kernel_);
  } else {
    const Tensors kernels = ops::split(kernel_, kGates, 1);
    Tensors gates;
    for (int i = 0; i < kGates; ++i)
      gates.push_back(ops::matmul(run.x * run.input_drop[static_cast<std::size_t>(i)], kernels[i]));
    result = ops::concatenate(gates, -1);
  }
  return options_.use_bias ? result + bias_ : result;
}

// Once for all steps.
void LSTMLayer::read_recurrent(Run& run) const {
  if (run.recurrent_drop.empty())
    run.recurrent.push_back(recurrent_kernel_);
  else
    run.recurrent = ops::split(recurrent_kernel_, kGates, 1);
}

std::array<Tensor, 2> LSTMLayer::cell(const Run& run, const Tensor& projected, const Tensor& h, const Tensor& c) const {
  Tensors gates;
  if (run.recurrent_drop.empty()) {
    gates = ops::split(projected + ops::matmul(h, run.recurrent[0]), kGates, 1);
  } else {
    const Tensors parts = ops::split(projected, kGates, 1);
    for (int i = 0; i < kGates; ++i)
      gates.push_back(parts[i] + ops::matmul(h * run.recurrent_drop[static_cast<std::size_t>(i)], run.recurrent[i]));
  }
  auto activation = [](const AnyActivation& f, const Tensor& x) { return f ? f->call(x) : x; };
  const Tensor i = activation(options_.recurrent_activation, gates[0]);
  const Tensor f = activation(options_.recurrent_activation, gates[1]);
  const Tensor next_c = f * c + i * activation(options_.activation, gates[2]);
  const Tensor o = activation(options_.recurrent_activation, gates[3]);
  return {o * activation(options_.activation, next_c), next_c};
}

void LSTMLayer::run_fused(Run& run) const {
  const Tensor x = run.input_drop.empty() ? run.x : run.x * run.input_drop[0];
  const Tensor bias = options_.use_bias ? Tensor(bias_) : ops::zeros({kGates * units_}, options_.dtype.compute_dtype());
  const std::vector<Tensor> result = ops::lstm(x, run.h, run.c, kernel_, recurrent_kernel_, bias, run.mask);
  run.outputs = result[0];
  run.last_output = run.last_h = result[1];
  run.last_c = result[2];
  zero_masked(run);
}

void LSTMLayer::run_scan(Run& run) const {
  read_recurrent(run);
  Tensors xs(swap_time(project(run)));
  if (!run.mask.is_empty()) xs.push_back(swap_time(ops::expand_dims(run.mask, -1)));
  const ops::ScanResult result = ops::scan(
      [this, &run](const Tensors& carry, const Tensors& x) {
        auto [h, c] = cell(run, x[0], carry[0], carry[1]);
        if (x.size() > 1) {
          h = ops::where(x[1], h, carry[0]);
          c = ops::where(x[1], c, carry[1]);
        }
        return ops::ScanStep{{h, c}, {h}};
      },
      {run.h, run.c}, xs);
  run.outputs = swap_time(result.outputs[0]);
  run.last_output = run.last_h = result.carry[0];
  run.last_c = result.carry[1];
  zero_masked(run);
}

// As Keras unrolls: before the first unmasked step the output is zero, whatever the first state.
void LSTMLayer::run_unrolled(Run& run) const {
  const Dim steps = run.x.shape()[1];
  read_recurrent(run);
  const Tensor projected = project(run);
  Tensors outputs;
  Tensor output = ops::zeros_like(run.h);
  run.last_h = run.h;
  run.last_c = run.c;
  for (Dim step = 0; step < steps; ++step) {
    const auto [h, c] = cell(run, at_step(projected, step), run.last_h, run.last_c);
    if (run.mask.is_empty()) {
      output = run.last_h = h;
      run.last_c = c;
    } else {
      const Tensor mask = run.mask.slice({.axis = 1, .start = step, .stop = step + 1});
      output = ops::where(mask, h, output);
      run.last_h = ops::where(mask, h, run.last_h);
      run.last_c = ops::where(mask, c, run.last_c);
    }
    outputs.push_back(output);
  }
  run.outputs = ops::stack(outputs, 1);
  run.last_output = output;
}

void LSTMLayer::zero_masked(Run& run) const {
  if (!options_.zero_output_for_mask || run.mask.is_empty()) return;
  run.outputs = ops::where(ops::expand_dims(run.mask, -1), run.outputs, 0.0);
  run.last_output = ops::squeeze(run.outputs.slice({.axis = 1, .start = -1}), 1);
}

}  // namespace kerata::layers
