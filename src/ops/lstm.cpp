// LSTM over all steps as one op (tanh and sigmoid), https://www.bioinf.jku.at/publications/older/2604.pdf as Keras has
// it.
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

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

std::vector<ValueType> infer_lstm_grad(Types in, const Attrs&) {
  return {in[0], in[1], in[2], in[3], in[4], {in[4].dtype, {in[4].shape[1]}}};
}

std::vector<Tensor> vjp_lstm(const VjpArgs& args) {
  require<ValueError>(args.grad(3).is_empty() && args.grad(4).is_empty(), "lstm", "Gates and cells have no gradient.");
  std::vector<Tensor> inputs{args.in(0), args.in(1),  args.in(2),  args.in(3),
                             args.in(4), args.out(0), args.out(3), args.out(4)};
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

}  // namespace

const OpDef kLstm = {.name = "lstm", .infer = infer_lstm, .vjp = vjp_lstm};
const OpDef kLstmGrad = {.name = "lstm_grad", .infer = infer_lstm_grad};

std::vector<Tensor> lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& kernel,
                         const Tensor& recurrent, const Tensor& bias, const Tensor& mask) {
  std::vector<Tensor> inputs{x, h0, c0, kernel, recurrent, bias};
  if (!mask.is_empty()) inputs.push_back(mask);
  std::vector<Tensor> result = apply_all(kLstm, std::move(inputs), LstmAttrs{!mask.is_empty()});
  result.resize(3);
  return result;
}

}  // namespace kerata::ops
