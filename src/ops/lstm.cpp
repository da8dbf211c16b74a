// LSTM over all steps as one op (tanh and sigmoid), https://www.bioinf.jku.at/publications/older/2604.pdf as Keras has
// it.
#include <array>

#include "graph/scope.h"
#include "kerata/ops/control.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/shape.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

constexpr std::ptrdiff_t kInputs = 6;   // x, h0, c0, kernel, recurrent, bias
constexpr std::ptrdiff_t kResults = 3;  // of kLstm, which kLstmGrad is given

void expect(bool ok, const char* what, const Shape& shape, const Shape& received) {
  require<ShapeError>(ok, "lstm", "Expected ", what, " of shape ", shape, ", received ", received, '.');
}

std::vector<ValueType> infer_lstm(Types in, const Attrs& attrs) {
  const Shape &x = in[0].shape, &h0 = in[1].shape;
  require<ShapeError>(x.rank() == 3, "lstm", "Expected an input of shape (batch, steps, features), received ", x, '.');
  require<ShapeError>(h0.rank() == 2, "lstm", "Expected a state of shape (batch, units), received ", h0, '.');
  const Dim units = h0[1];
  expect(h0 == Shape{x[0], units} || x[0] < 0 || h0[0] < 0, "a state", {x[0], units}, h0);
  expect(in[2].shape == h0, "a cell state", h0, in[2].shape);
  expect(in[3].shape == Shape{x[2], 4 * units} || x[2] < 0, "a kernel", {x[2], 4 * units}, in[3].shape);
  expect(in[4].shape == Shape{units, 4 * units}, "a recurrent kernel", {units, 4 * units}, in[4].shape);
  expect(in[5].shape == Shape{4 * units}, "a bias", {4 * units}, in[5].shape);
  if (attrs.as<LstmAttrs>().has_mask) {
    const Shape& mask = in[6].shape;
    const bool fits = mask.rank() == 2 && (mask[0] == x[0] || mask[0] < 0 || x[0] < 0) &&
                      (mask[1] == x[1] || mask[1] < 0 || x[1] < 0);
    expect(fits, "a mask", {x[0], x[1]}, mask);
    require<ValueError>(in[6].dtype == DType::boolean, "lstm", "Expected a mask of bool, received ", in[6].dtype, '.');
  }
  const DType dtype = in[0].dtype;
  for (std::size_t i = 1; i < 6; ++i)
    require<ValueError>(in[i].dtype == dtype && is_floating(dtype), "lstm", "Expected one floating type, received ",
                        dtype, " and ", in[i].dtype, '.');
  const ValueType state{dtype, {x[0], units}}, steps{dtype, {x[0], x[1], units}};
  return {steps, state, state, {dtype, {x[1], x[0], 4 * units}}, {dtype, {x[1], x[0], units}}};
}

std::vector<ValueType> infer_reserve_lstm(Types in, const Attrs& attrs) {
  std::vector<ValueType> out = infer_lstm(in, LstmAttrs{});
  out.resize(kResults);
  out.push_back({DType::uint8, {attrs.as<ReserveLstmAttrs>().reserve_bytes}});
  return out;
}

std::vector<ValueType> infer_lstm_grad(Types in, const Attrs&) { return {in[0], in[1], in[2], in[3], in[4], in[5]}; }

std::vector<Tensor> vjp_lstm(const VjpArgs& args) {
  require<ValueError>(args.grad(3).is_empty() && args.grad(4).is_empty(), "lstm", "Gates and cells have no gradient.");
  std::vector<Tensor> inputs(args.inputs.begin(), args.inputs.begin() + kInputs);
  for (std::size_t output : {0, 3, 4}) inputs.push_back(args.out(output));
  for (std::size_t i = 0; i < 3; ++i)
    if (!args.grad(i).is_empty()) inputs.push_back(args.grad(i));
  const bool has_mask = args.attrs.as<LstmAttrs>().has_mask;
  if (has_mask) inputs.push_back(args.in(6));
  std::vector<Tensor> result =
      apply_all(kLstmGrad, std::move(inputs),
                LstmGradAttrs{!args.grad(0).is_empty(), !args.grad(1).is_empty(), !args.grad(2).is_empty(), has_mask});
  result.resize(args.inputs.size());
  return result;
}

Tensor swap_time(const Tensor& x) { return transpose(x, {1, 0, 2}); }

// {all h, last h, last c} of kLstm in ops that have gradients of any order; in: as kLstm's.
std::array<Tensor, 3> lstm_in_steps(std::span<const Tensor> in, const Tensor& mask) {
  Tensors xs(swap_time(matmul(in[0], in[3]) + in[5]));
  if (!mask.is_empty()) xs.push_back(swap_time(expand_dims(mask, -1)));
  const ScanResult result = scan(
      [&in](const Tensors& carry, const Tensors& x) {
        const auto [i, f, candidate, o] = split(x[0] + matmul(carry[0], in[4]), 4, -1).unpack<4>();
        Tensor c = sigmoid(f) * carry[1] + sigmoid(i) * tanh(candidate);
        Tensor h = sigmoid(o) * tanh(c);
        if (x.size() > 1) {
          h = where(x[1], h, carry[0]);
          c = where(x[1], c, carry[1]);
        }
        return ScanStep{{h, c}, {h}};
      },
      {in[1], in[2]}, xs);
  return {swap_time(result.outputs[0]), result.carry[0], result.carry[1]};
}

// The gradient of the gradient, as a function of what kLstm was given: h, gates and cells follow from that, so nothing
// flows back through them.
std::vector<Tensor> vjp_lstm_grad(const VjpArgs& args) {
  const auto& p = args.attrs.as<LstmGradAttrs>();
  std::vector<Tensor> leaves, second;
  for (const Tensor& x : args.inputs) leaves.push_back(placeholder(type_of(x)));
  std::vector<Tensor> weights, wrt(leaves.begin(), leaves.begin() + kInputs);
  for (const Tensor& grad : args.grads) weights.push_back(grad.is_empty() ? grad : placeholder(type_of(grad)));
  {
    const Scope scope(Mode::trace, false);
    auto next = leaves.begin() + kInputs + kResults;
    std::vector<Tensor> grads(kResults);
    if (p.has_dh) grads[0] = *next++;
    if (p.has_dh_last) grads[1] = *next++;
    if (p.has_dc_last) grads[2] = *next++;
    const auto y = lstm_in_steps(wrt, p.has_mask ? *next : Tensor());
    const std::vector<Tensor> first = pull_back(y, grads, wrt);
    for (const Tensor& grad : grads)
      if (!grad.is_empty()) wrt.push_back(grad);
    second = pull_back(first, weights, wrt);
  }
  std::vector<Tensor> from = leaves, to = args.inputs, outputs;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!weights[i].is_empty()) from.push_back(weights[i]), to.push_back(args.grads[i]);
  for (const Tensor& x : second)
    if (!x.is_empty()) outputs.push_back(x);
  const std::vector<Tensor> values = replay(from, to, outputs);
  std::vector<Tensor> result(args.inputs.size());
  auto value = values.begin();
  for (std::size_t i = 0; i < second.size(); ++i)
    if (!second[i].is_empty()) result[i < kInputs ? i : i + kResults] = *value++;
  return result;
}

}  // namespace

const OpDef kLstm = {.name = "lstm", .infer = infer_lstm, .vjp = vjp_lstm};
const OpDef kLstmGrad = {.name = "lstm_grad", .infer = infer_lstm_grad, .vjp = vjp_lstm_grad, .shape_only = 1u << 5};
const OpDef kReserveLstm = {.name = "reserve_lstm", .infer = infer_reserve_lstm};
const OpDef kReserveLstmGrad = {.name = "reserve_lstm_grad", .infer = infer_lstm_grad, .shape_only = 0b111000};

std::vector<Tensor> lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& kernel,
                         const Tensor& recurrent, const Tensor& bias, const Tensor& mask) {
  std::vector<Tensor> inputs{x, h0, c0, kernel, recurrent, bias};
  if (!mask.is_empty()) inputs.push_back(mask);
  std::vector<Tensor> result = apply_all(kLstm, std::move(inputs), LstmAttrs{!mask.is_empty()});
  result.resize(3);
  return result;
}

}  // namespace kerata::ops
