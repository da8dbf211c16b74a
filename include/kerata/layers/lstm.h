// LSTM: long short-term memory.
#pragma once

#include <array>

#include "kerata/activations/activation.h"
#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Whether the fused cell is used: automatic (where it can), yes (ValueError where it cannot), no.
enum class UseFused { automatic, yes, no };
template <>
struct ChoiceNames<UseFused> {
  static constexpr std::string_view list[] = {"auto", "true", "false"};
};

namespace layers {

/// x: (batch, steps, inputs), or {x, h, c}. Result: the last output (batch, units), or all with return_sequences; with
/// return_state also the last h and c (batch, units). A masked step repeats output and states. First states: zeros, or
/// {.initial_state = {h, c}}. Gates in the order i, f, c, o; kernel (inputs, 4 units), recurrent_kernel (units, 4
/// units). Hochreiter and Schmidhuber 1997. https://keras.io/api/layers/recurrent_layers/lstm
class LSTMLayer : public MultiLayer {
 public:
  struct Options {
    AnyActivation activation = "tanh";
    AnyActivation recurrent_activation = "sigmoid";
    bool use_bias = true;
    AnyInitializer kernel_initializer = "glorot_uniform";
    AnyInitializer recurrent_initializer = "orthogonal";
    AnyInitializer bias_initializer = "zeros";
    bool unit_forget_bias = true;  // the forget gate's bias starts at 1
    AnyRegularizer kernel_regularizer = {};
    AnyRegularizer recurrent_regularizer = {};
    AnyRegularizer bias_regularizer = {};
    AnyRegularizer activity_regularizer = {};
    AnyConstraint kernel_constraint = {};
    AnyConstraint recurrent_constraint = {};
    AnyConstraint bias_constraint = {};
    double dropout = 0;            // on the inputs, one draw for all steps
    double recurrent_dropout = 0;  // on h, one draw for all steps
    std::int64_t seed = -1;
    bool return_sequences = false;
    bool return_state = false;
    bool go_backwards = false;  // from the last step to the first; outputs in that order
    bool stateful = false;      // starts where the last batch ended; needs a known batch size
    bool unroll = false;        // a node per step instead of a loop; needs a known number of steps
    Choice<UseFused> use_cudnn = "auto";
    bool zero_output_for_mask = false;  // masked steps give zeros instead
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr KerasKey kKerasKeys[] = {{"implementation", KerasKey::ignored},  // Keras 2
                                              {"time_major", KerasKey::may_be_no}};
    static constexpr auto fields();
  };
  static constexpr std::array kArguments{"units"};
  LSTMLayer(Dim units, const Options& options);
  void build(const std::vector<Shape>& inputs) override;
  Tensors call(const Tensors& inputs, const CallContext& context) const override;
  /// Back to zeros (or to nothing when the layer is not stateful).
  void reset_state() const;

 protected:
  std::vector<Tensor> compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                    std::size_t num_outputs) const override;

 private:
  struct Run;  // one call: src/layers/lstm_run.h
  std::vector<Tensor> first_states(const Tensors& inputs, const CallContext& context) const;
  void prepare_dropout(Run& run, const CallContext& context) const;
  void zero_masked(Run& run) const;
  bool can_fuse() const;
  void run_fused(Run& run) const;
  void run_scan(Run& run) const;
  void run_unrolled(Run& run) const;
  void read_recurrent(Run& run) const;
  std::array<Tensor, 2> cell(const Run& run, const Tensor& projected, const Tensor& h, const Tensor& c) const;
  Tensor project(const Run& run) const;

  Dim units_;
  Options options_;
  Variable kernel_, recurrent_kernel_, bias_;
  Variable state_h_, state_c_, seed_;
};

constexpr auto LSTMLayer::Options::fields() {
  return std::tuple{field("activation", &Options::activation),
                    field("recurrent_activation", &Options::recurrent_activation),
                    field("use_bias", &Options::use_bias),
                    field("kernel_initializer", &Options::kernel_initializer),
                    field("recurrent_initializer", &Options::recurrent_initializer),
                    field("bias_initializer", &Options::bias_initializer),
                    field("unit_forget_bias", &Options::unit_forget_bias),
                    field("kernel_regularizer", &Options::kernel_regularizer),
                    field("recurrent_regularizer", &Options::recurrent_regularizer),
                    field("bias_regularizer", &Options::bias_regularizer),
                    field("activity_regularizer", &Options::activity_regularizer),
                    field("kernel_constraint", &Options::kernel_constraint),
                    field("recurrent_constraint", &Options::recurrent_constraint),
                    field("bias_constraint", &Options::bias_constraint),
                    field("dropout", &Options::dropout),
                    field("recurrent_dropout", &Options::recurrent_dropout),
                    field("seed", &Options::seed, Saved::as_seed),
                    field("return_sequences", &Options::return_sequences),
                    field("return_state", &Options::return_state),
                    field("go_backwards", &Options::go_backwards),
                    field("stateful", &Options::stateful),
                    field("unroll", &Options::unroll),
                    field("zero_output_for_mask", &Options::zero_output_for_mask),
                    field("name", &Options::name),
                    field("trainable", &Options::trainable),
                    field("dtype", &Options::dtype)};
}
using LSTM = LayerRef<LSTMLayer, Dim>;

}  // namespace layers

extern template class LayerRef<layers::LSTMLayer, Dim>;

}  // namespace kerata

#pragma GCC visibility pop
