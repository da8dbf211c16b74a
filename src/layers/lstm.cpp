#include "kerata/layers/lstm.h"

#include <algorithm>

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"
#include "layers/dropout_noise.h"
#include "layers/layer_state.h"
#include "layers/lstm_run.h"
#include "ops/nn_ops.h"

namespace kerata::layers {
namespace {

bool is_named(const AnyActivation& activation, std::string_view name) {
  if (!activation) return false;
  try {
    const Config config = activation->to_config();
    return config.is_text() && config.as_text() == name;
  } catch (const StateError&) {  // a function of the user's own
    return false;
  }
}

/// The bias's first value: ones for the forget gate.
struct ForgetBias {
  AnyInitializer inner;
  Dim units;
  Tensor operator()(const Shape&, DType dtype) const {
    return ops::concatenate({inner->call({units}, dtype), ops::ones({units}, dtype), inner->call({2 * units}, dtype)});
  }
};

double probability(double value) { return std::min(1.0, std::max(0.0, value)); }

}  // namespace

LSTMLayer::LSTMLayer(Dim units, const Options& options)
    : units_(units), options_(options), seed_(seed_state(options.seed)) {
  require<ValueError>(units > 0 && units < Dim{1} << 59, "LSTM",
                      "Received an invalid value for argument `units`, expected a positive integer, got ", units, '.');
  options_.dropout = probability(options.dropout);
  options_.recurrent_dropout = probability(options.recurrent_dropout);
  require<ValueError>(
      options.use_cudnn != UseFused::yes || can_fuse(), "LSTM",
      "use_cudnn=true was specified, but the fused "
      "cell is not supported for this layer configuration. Expected tanh, sigmoid, no recurrent_dropout "
      "and no unroll. Hint: use_cudnn=\"auto\".");
  set_supports_masking(true);
  set_uses_mask(true);
  state().extra_inputs_are_states = true;
}

bool LSTMLayer::can_fuse() const {
  return is_named(options_.activation, "tanh") && is_named(options_.recurrent_activation, "sigmoid") &&
         options_.recurrent_dropout == 0 && !options_.unroll;
}

void LSTMLayer::build(const std::vector<Shape>& inputs) {
  const Shape& x = inputs[0];
  require<ShapeError>(x.rank() == 3, "LSTM", "Expected an input of rank 3, (batch, steps, inputs), received ", x,
                      ". Hint: return_sequences = true in the recurrent layer before.");
  state().weight_prefix = "lstm_cell/";
  state().weight_group = "cell";
  kernel_ = add_weight("kernel", {x[2], 4 * units_},
                       {.initializer = options_.kernel_initializer,
                        .regularizer = options_.kernel_regularizer,
                        .constraint = options_.kernel_constraint});
  recurrent_kernel_ = add_weight("recurrent_kernel", {units_, 4 * units_},
                                 {.initializer = options_.recurrent_initializer,
                                  .regularizer = options_.recurrent_regularizer,
                                  .constraint = options_.recurrent_constraint});
  if (options_.use_bias) {
    AnyInitializer initializer = options_.bias_initializer ? options_.bias_initializer : AnyInitializer("zeros");
    if (options_.unit_forget_bias) initializer = ForgetBias{initializer, units_};
    bias_ = add_weight(
        "bias", {4 * units_},
        {.initializer = initializer, .regularizer = options_.bias_regularizer, .constraint = options_.bias_constraint});
  }
  if (!options_.stateful) return;
  require<ValueError>(x[0] >= 0, "LSTM",
                      "When using `stateful=True` in a RNN, the batch size must be static. Found dynamic "
                      "batch size: sequence.shape=",
                      x, ". Hint: Input({...}, {.batch_size = 32}).");
  state_h_ = Variable("rnn_state", Role::non_trainable, ops::zeros({x[0], units_}, options_.dtype.variable_dtype()));
  state_c_ = Variable("rnn_state", Role::non_trainable, ops::zeros({x[0], units_}, options_.dtype.variable_dtype()));
}

void LSTMLayer::reset_state() const {
  for (const Variable& variable : {state_h_, state_c_})
    if (!variable.is_empty()) variable.assign(ops::zeros(variable.shape(), variable.dtype()));
}

std::vector<Tensor> LSTMLayer::first_states(const Tensors& inputs, const CallContext& context) const {
  Tensors given = context.initial_state();
  if (given.empty())
    for (std::size_t i = 1; i < inputs.size(); ++i) given.push_back(inputs[i]);
  const Dim batch = inputs[0].shape()[0];
  if (given.empty()) {
    if (!options_.stateful)
      return {ops::zeros({batch, units_}, options_.dtype.compute_dtype()),
              ops::zeros({batch, units_}, options_.dtype.compute_dtype())};
    require<ShapeError>(batch < 0 || batch == state_h_.shape()[0], "LSTM",
                        "If an RNN is stateful, the batch size of the input "
                        "sequences must be the same as the batch size of the initial state. Expected batch size: ",
                        state_h_.shape()[0], ", received batch size: ", batch, '.');
    // Values: this call writes the variables, a tape may still need them.
    return {ops::cast(state_h_ + 0.0, options_.dtype.compute_dtype()),
            ops::cast(state_c_ + 0.0, options_.dtype.compute_dtype())};
  }
  require<ValueError>(given.size() == 2, "LSTM", "Expected two initial states, {h, c}, received ", given.size(), '.');
  std::vector<Tensor> states;
  for (const Tensor& state : given) {
    require<ShapeError>(state.rank() == 2 && (state.shape()[1] == units_ || state.shape()[1] < 0) &&
                            (state.shape()[0] == batch || state.shape()[0] < 0 || batch < 0),
                        "LSTM", "An initial state does not fit. Expected ", Shape{batch, units_}, ", received ",
                        state.shape(), '.');
    states.push_back(state.dtype() == options_.dtype.compute_dtype() ? state
                                                                     : state.cast(options_.dtype.compute_dtype()));
  }
  return states;
}

Tensors LSTMLayer::call(const Tensors& inputs, const CallContext& context) const {
  const Tensor& x = inputs.list()[0];
  require<ShapeError>(x.rank() == 3, "LSTM", "Expected an input of rank 3, (batch, steps, inputs), received ",
                      x.shape(), '.');
  require<ShapeError>(x.shape()[2] == kernel_.shape()[0] || x.shape()[2] < 0, "LSTM",
                      "The layer was built for a last axis of ", kernel_.shape()[0], ", received ", x.shape(), '.');
  require<ValueError>(!options_.unroll || x.shape()[1] > 0, "LSTM",
                      "Cannot unroll a RNN if the time dimension is undefined. "
                      "Received ",
                      x.shape(), ". Hint: give Input() the number of steps.");
  const std::vector<Tensor> first = first_states(inputs, context);
  Run run{x, context.mask(), first[0], first[1], {}, {}, {}, {}, {}, {}, {}};
  if (!run.mask.is_empty() && run.mask.dtype() != DType::boolean) run.mask = run.mask.cast(DType::boolean);
  prepare_dropout(run, context);
  if (options_.go_backwards) {
    run.x = ops::flip(run.x, 1);
    if (!run.mask.is_empty()) run.mask = ops::flip(run.mask, 1);
  }
  if (options_.unroll)
    run_unrolled(run);
  else if (options_.use_cudnn != UseFused::no && can_fuse())
    run_fused(run);
  else
    run_scan(run);
  if (options_.stateful) {  // the batch may be unknown where the call is tried out
    context.update(state_h_, ops::reshape(run.last_h, state_h_.shape()));
    context.update(state_c_, ops::reshape(run.last_c, state_c_.shape()));
  }
  Tensors results;
  results.push_back(options_.return_sequences ? run.outputs : run.last_output);
  if (options_.return_state) {
    results.push_back(run.last_h);
    results.push_back(run.last_c);
  }
  return results;
}

std::vector<Tensor> LSTMLayer::compute_masks(const Tensors&, const std::vector<Tensor>& masks,
                                             std::size_t num_outputs) const {
  std::vector<Tensor> result(num_outputs);
  if (options_.return_sequences && !masks.empty()) result[0] = masks[0];
  return result;
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::LSTMLayer, Dim>;
}  // namespace kerata
