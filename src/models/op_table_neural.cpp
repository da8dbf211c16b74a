// Activations and windows.
#include "core/require.h"
#include "kerata/activations/activations.h"
#include "kerata/ops/nn.h"
#include "models/op_rows.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::models {
namespace {

template <const auto& F>
Tensors plain(const OpArguments& call) {
  return F(call.tensor(0, "x"));
}
/// With one option, a number.
template <const auto& F, const char* const& Name, int Tenths>
Tensors with_number(const OpArguments& call) {
  return F(call.tensor(0, "x"), call.number(Name, Tenths / 10.0));
}

constexpr const char* kSlope = "negative_slope";
constexpr const char* kAlpha = "alpha";
constexpr const char* kThreshold = "threshold";
constexpr const char* kB = "b";

Tensors read_gelu(const OpArguments& call) {
  return activations::gelu(call.tensor(0, "x"), call.flag("approximate", true));
}
Tensors read_glu(const OpArguments& call) { return activations::glu(call.tensor(0, "x"), call.integer("axis", -1)); }
Tensors read_threshold(const OpArguments& call) {
  return activations::threshold(call.tensor(0, "x"), call.number("threshold", 0), call.number("default_value", 0));
}
template <const auto& F>
Tensors over_axis(const OpArguments& call) {
  const Config* axis = call.option("axis");
  if (axis && axis->is_list()) call.refuse("Several axes are not supported. Expected one number.");
  return F(call.tensor(0, "x"), call.integer("axis", -1));
}

ops::Window2D window(const OpArguments& call, Size2 strides) {
  call.require_plain("data_format", "channels_last");
  const Config* padding = call.option("padding");
  return {.strides = call.size2("strides", strides),
          .padding = padding ? Choice<Padding>::parse(padding->as_text()) : Choice<Padding>("valid"),
          .dilation_rate = call.size2("dilation_rate", 1)};
}
Tensors read_conv(const OpArguments& call) {
  return ops::conv(call.tensor(0, "inputs"), call.tensor(1, "kernel"), window(call, 1));
}
template <Tensor (*F)(const Tensor&, Size2, const ops::Window2D&)>
Tensors pool(const OpArguments& call) {
  const Size2 size = call.size2("pool_size", 1);
  return F(call.tensor(0, "inputs"), size, window(call, size));
}

Tensors read_binary_crossentropy(const OpArguments& call) {
  if (!call.flag("from_logits", false)) call.refuse("`from_logits` = false is not supported.");
  return ops::sigmoid_cross_entropy(call.tensor(1, "output"), call.tensor(0, "target"));
}
Tensors read_sparse_crossentropy(const OpArguments& call) {
  if (!call.flag("from_logits", false)) call.refuse("`from_logits` = false is not supported.");
  call.require_plain("axis", -1);
  return ops::sparse_softmax_cross_entropy(call.tensor(1, "output"), call.tensor(0, "target"));
}

void write_softmax(OpWriting& writing) {
  const Dim axis = writing.attrs<ops::SoftmaxAttrs>().axis;
  writing.option("axis", axis + 1 == writing.type().shape.rank() ? Dim{-1} : axis);
}
Config pair(Dim a, Dim b) { return a == b ? Config(a) : Config(Config::List{a, b}); }
void write_window(OpWriting& writing) {
  const auto& p = writing.attrs<ops::WindowAttrs>();
  writing.option("strides", pair(p.stride_h, p.stride_w));
  writing.option("padding", p.same ? "same" : "valid");
  writing.option("data_format", "channels_last");
}
void write_conv(OpWriting& writing) {
  const auto& p = writing.attrs<ops::WindowAttrs>();
  write_window(writing);
  writing.option("dilation_rate", pair(p.dilation_h, p.dilation_w));
}
void write_pool(OpWriting& writing) {
  const auto& p = writing.attrs<ops::WindowAttrs>();
  writing.option("pool_size", pair(p.pool_h, p.pool_w));
  write_window(writing);
}
// (logits, labels) here, (target, output) there.
void write_crossentropy(OpWriting& writing) {
  std::swap(writing.args[0], writing.args[1]);
  writing.option("from_logits", true);
}
void write_sparse_crossentropy(OpWriting& writing) {
  write_crossentropy(writing);
  writing.option("axis", -1);
}

constexpr OpRow kRows[] = {
    {kNeuralModule, "Relu", unary<ops::relu>, &ops::kRelu},
    {kNeuralModule, "Sigmoid", unary<ops::sigmoid>, &ops::kSigmoid},
    {kNeuralModule, "Softplus", unary<ops::softplus>, &ops::kSoftplus},
    {kNeuralModule, "Relu6", plain<activations::relu6>},
    {kNeuralModule, "SparseSigmoid", plain<activations::sparse_sigmoid>},
    {kNeuralModule, "Softsign", plain<activations::softsign>},
    {kNeuralModule, "SparsePlus", plain<activations::sparse_plus>},
    {kNeuralModule, "Silu", plain<activations::silu>},
    {kNeuralModule, "LogSigmoid", plain<activations::log_sigmoid>},
    {kNeuralModule, "HardSigmoid", plain<activations::hard_sigmoid>},
    {kNeuralModule, "HardSilu", plain<activations::hard_silu>},
    {kNeuralModule, "Selu", plain<activations::selu>},
    {kNeuralModule, "TanhShrink", plain<activations::tanh_shrink>},
    {kNeuralModule, "HardTanh", plain<activations::hard_tanh>},
    {kNeuralModule, "LeakyRelu", with_number<activations::leaky_relu, kSlope, 2>},
    {kNeuralModule, "Elu", with_number<activations::elu, kAlpha, 10>},
    {kNeuralModule, "Celu", with_number<activations::celu, kAlpha, 10>},
    {kNeuralModule, "HardShrink", with_number<activations::hard_shrink, kThreshold, 5>},
    {kNeuralModule, "SoftShrink", with_number<activations::soft_shrink, kThreshold, 5>},
    {kNeuralModule, "Squareplus", with_number<activations::squareplus, kB, 40>},
    {kNeuralModule, "Threshold", read_threshold},
    {kNeuralModule, "Gelu", read_gelu},
    {kNeuralModule, "Glu", read_glu},
    {kNeuralModule, "Softmax", over_axis<ops::softmax>, &ops::kSoftmax, write_softmax},
    {kNeuralModule, "LogSoftmax", over_axis<ops::log_softmax>, &ops::kLogSoftmax, write_softmax},
    {kNeuralModule, "Sparsemax", over_axis<activations::sparsemax>},
    {kNeuralModule, "Conv", read_conv, &ops::kConv, write_conv},
    {kNeuralModule, "MaxPool", pool<ops::max_pool>, &ops::kMaxPool, write_pool},
    {kNeuralModule, "AveragePool", pool<ops::average_pool>, &ops::kAveragePool, write_pool},
    {kNeuralModule, "BinaryCrossentropy", read_binary_crossentropy, &ops::kSigmoidCrossEntropy, write_crossentropy},
    {kNeuralModule, "SparseCategoricalCrossentropy", read_sparse_crossentropy, &ops::kSparseSoftmaxCrossEntropy,
     write_sparse_crossentropy},
};

}  // namespace

std::span<const OpRow> neural_op_rows() { return kRows; }

}  // namespace kerata::models
