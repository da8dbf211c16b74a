// Batch normalization over all axes but the last, in training: statistics, result and gradients of both orders.
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

std::vector<ValueType> infer_batch_norm(Types in, const Attrs&) {
  const Shape& x = in[0].shape;
  require<ShapeError>(x.rank() >= 2, "batch_norm", "Expected at least 2 axes, received ", x, '.');
  const Shape channels{x.back()};
  require<ShapeError>(in[1].shape == channels && in[2].shape == channels, "batch_norm",
                      "Expected gamma and beta of shape ", channels, ", received ", in[1].shape, " and ", in[2].shape,
                      '.');
  const bool fits = in[0].dtype == in[1].dtype || (is_half(in[0].dtype) && in[1].dtype == DType::float32);
  require<ValueError>(is_floating(in[0].dtype) && fits && in[1].dtype == in[2].dtype, "batch_norm",
                      "Expected one floating type, received ", in[0].dtype, ", ", in[1].dtype, ", ", in[2].dtype, '.');
  const ValueType statistic{in[1].dtype, channels};
  return {in[0], statistic, statistic};
}

std::vector<ValueType> infer_grad(Types in, const Attrs&) { return {in[0], in[1], in[1]}; }

std::vector<ValueType> infer_factors(Types in, const Attrs&) { return {in[1], in[1], in[1], in[1]}; }
std::vector<ValueType> infer_slopes(Types in, const Attrs&) { return {in[1], in[1], in[1], in[1], in[1]}; }

Reduce over_batch(const Tensor& x) {
  std::vector<Dim> axes;
  for (Dim axis = 0; axis + 1 < x.rank(); ++axis) axes.push_back(axis);
  return {.axis = axes};
}

// How many values one mean is taken over, as a scalar (the batch may be unknown while tracing).
Tensor inverse_count(const Tensor& x) { return mean(x * 0 + 1, over_batch(x)) / sum(x * 0 + 1, over_batch(x)); }

// y = (x - m) r gamma + beta; m and var are results too, mostly without gradient (the moving averages).
std::vector<Tensor> vjp_batch_norm(const VjpArgs& args) {
  const Tensor &x = args.in(0), &mean_x = args.out(1), &var_x = args.out(2);
  std::vector<Tensor> result(3);
  if (!args.grad(0).is_empty())
    result = apply_all(kBatchNormGrad, {x, args.in(1), mean_x, var_x, args.grad(0)}, args.attrs);
  auto add = [&](const Tensor& extra) { result[0] = result[0].is_empty() ? extra : result[0] + extra; };
  if (!args.grad(1).is_empty()) add(x * 0 + args.grad(1) * inverse_count(x));
  if (!args.grad(2).is_empty()) add((x - mean_x) * (args.grad(2) * inverse_count(x) * 2));
  return result;
}

// Double backward; the gradient counts as a function of x, gamma, dy (mean and var follow from x). After
// https://github.com/pytorch/pytorch/blob/main/torch/csrc/autograd/FunctionsManual.cpp (batchnorm_double_backward)
struct DoubleBackward {
  Tensor gamma, dy, r, centered, n;  // r = 1 / sqrt(var + eps), n = 1 / count
  Reduce over;

  Tensor total(const Tensor& x) const { return sum(x, over); }
  // dx of plain batch normalization for an incoming gradient v, without gamma.
  Tensor project(const Tensor& v) const {
    return r * (v - total(v) * n - centered * (r * r * n * total(v * centered)));
  }
  Tensor for_x(const Tensor& v) const {  // v: gradient of dx
    const Tensor dy_sum = total(dy), v_sum = total(v), dy_c = total(dy * centered), v_c = total(v * centered);
    const Tensor r3 = r * r * r;
    const Tensor all = (v_sum * dy_sum * n - total(dy * v) + r * r * dy_c * v_c * n * 3) * n;
    return gamma * (centered * (r3 * all) + (dy_sum * n - dy) * (v_c * r3 * n) + (v_sum * n - v) * (dy_c * r3 * n));
  }
};

std::vector<Tensor> vjp_grad(const VjpArgs& args) {
  const Tensor &x = args.in(0), &gamma = args.in(1), &mean_x = args.in(2), &var_x = args.in(3), &dy = args.in(4);
  const Tensor &v = args.grad(0), &v_gamma = args.grad(1), &v_beta = args.grad(2);
  const DoubleBackward d{
      gamma, dy, rsqrt(var_x + args.attrs.as<BatchNormAttrs>().epsilon), x - mean_x, inverse_count(x), over_batch(x)};
  std::vector<Tensor> result(5);
  auto add = [](Tensor& to, const Tensor& extra) { to = to.is_empty() ? extra : to + extra; };
  if (!v.is_empty()) {
    add(result[0], d.for_x(v));
    add(result[1], d.total(v * d.project(dy)));
    add(result[4], gamma * d.project(v));
  }
  if (!v_gamma.is_empty()) {
    add(result[0], v_gamma * d.project(dy));
    add(result[4], v_gamma * d.centered * d.r);
  }
  if (!v_beta.is_empty()) add(result[4], dy * 0 + v_beta);
  return result;
}

}  // namespace

const OpDef kBatchNorm = {.name = "batch_norm", .infer = infer_batch_norm, .vjp = vjp_batch_norm};
const OpDef kBatchNormGrad = {.name = "batch_norm_grad", .infer = infer_grad, .vjp = vjp_grad};
const OpDef kBatchNormFactors = {.name = "batch_norm_factors", .infer = infer_factors};
const OpDef kBatchNormSlopes = {.name = "batch_norm_slopes", .infer = infer_slopes};

std::vector<Tensor> batch_norm_training(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  return apply_all(kBatchNorm, {x, gamma, beta}, BatchNormAttrs{epsilon});
}

}  // namespace kerata::ops
