#include <cmath>
#include <numbers>

#include "core/require.h"
#include "kerata/activations/activations.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"

namespace kerata::activations {
Tensor Relu::operator()(const Tensor& x, double negative_slope, double max_value, double limit) const {
  if (negative_slope != 0 && max_value < 0 && limit == 0) return leaky_relu(x, negative_slope);
  Tensor y;
  if (limit != 0)
    y = ops::where(x > limit, x, 0);
  else if (max_value == 6)
    y = relu6(x);
  else
    y = ops::relu(x);
  if (max_value >= 0 && !(limit == 0 && max_value == 6)) y = ops::clip(y, 0, max_value);
  if (negative_slope == 0) return y;
  const Tensor below = ops::relu(limit != 0 ? limit - x : -x);
  return y - negative_slope * below;
}

Tensor LeakyRelu::operator()(const Tensor& x, double negative_slope) const {
  return ops::where(x >= 0, x, negative_slope * x);
}

Tensor Relu6::operator()(const Tensor& x) const {
  return ops::where(x >= 6, 6, ops::relu(x));
}  // no gradient at 0 and 6
Tensor Softmax::operator()(const Tensor& x, Dim axis) const { return ops::softmax(x, axis); }
Tensor LogSoftmax::operator()(const Tensor& x, Dim axis) const { return ops::log_softmax(x, axis); }

Tensor Elu::operator()(const Tensor& x, double alpha) const {
  const Tensor positive = x > 0;  // expm1 sees no large x: its gradient would be infinite
  return ops::where(positive, x, alpha * ops::expm1(ops::where(positive, 0, x)));
}

Tensor Selu::operator()(const Tensor& x) const { return 1.0507009873554804934 * elu(x, 1.6732632423543772848); }

Tensor Celu::operator()(const Tensor& x, double alpha) const {
  return ops::maximum(x, 0) + alpha * ops::expm1(ops::minimum(x, 0) / alpha);
}

Tensor Gelu::operator()(const Tensor& x, bool approximate) const {
  if (!approximate) return 0.5 * x * (1 + ops::erf(x / std::numbers::sqrt2));
  const double scale = std::sqrt(2 / std::numbers::pi);
  return 0.5 * x * (1 + ops::tanh(scale * (x + 0.044715 * (ops::square(x) * x))));
}

Tensor Glu::operator()(const Tensor& x, Dim axis) const {
  const Dim size = x.shape()[axis];
  require<ShapeError>(size % 2 == 0, "glu", "Expected an even size on axis ", axis, ", received shape ", x.shape(),
                      '.');
  const Tensors halves = ops::split(x, 2, axis);
  return halves[0] * ops::sigmoid(halves[1]);
}

Tensor Sigmoid::operator()(const Tensor& x) const { return ops::sigmoid(x); }
Tensor LogSigmoid::operator()(const Tensor& x) const { return -ops::softplus(-x); }
Tensor HardSigmoid::operator()(const Tensor& x) const { return relu6(x + 3) / 6; }
Tensor SparseSigmoid::operator()(const Tensor& x) const { return 0.5 * ops::clip(x + 1, 0, 2); }
Tensor Silu::operator()(const Tensor& x) const { return x * ops::sigmoid(x); }
Tensor HardSilu::operator()(const Tensor& x) const { return x * hard_sigmoid(x); }
Tensor Mish::operator()(const Tensor& x) const { return x * ops::tanh(ops::softplus(x)); }
Tensor Tanh::operator()(const Tensor& x) const { return ops::tanh(x); }
Tensor HardTanh::operator()(const Tensor& x) const { return ops::where(x > 1, 1, ops::where(x < -1, -1, x)); }
Tensor TanhShrink::operator()(const Tensor& x) const { return x - ops::tanh(x); }

Tensor HardShrink::operator()(const Tensor& x, double limit) const { return ops::where(ops::abs(x) > limit, x, 0); }

Tensor SoftShrink::operator()(const Tensor& x, double limit) const {
  return ops::where(x > limit, x - limit, ops::where(x < -limit, x + limit, 0));
}

Tensor Threshold::operator()(const Tensor& x, double limit, double default_value) const {
  return ops::where(x > limit, x, default_value);
}

Tensor Softplus::operator()(const Tensor& x) const { return ops::softplus(x); }
Tensor Softsign::operator()(const Tensor& x) const { return x / (ops::abs(x) + 1); }
Tensor Squareplus::operator()(const Tensor& x, double b) const { return 0.5 * (x + ops::sqrt(ops::square(x) + b)); }

Tensor SparsePlus::operator()(const Tensor& x) const {
  return ops::where(x <= -1, 0, ops::where(x >= 1, x, ops::square(x + 1) / 4));
}

// With z sorted in descending order and s its running sums, k counts the places with z_i > (s_i - 1) / i. The paper has
// tau = (s_k - 1) / k; Keras 3 adds up s_1 ... s_k, and its numbers are followed here.
Tensor Sparsemax::operator()(const Tensor& x, Dim axis) const {
  const Shape shape = x.shape();
  const Dim size = shape[axis];
  require<ShapeError>(size >= 0, "sparsemax", "Axis ", axis, " has no known size. Expected a number, received shape ",
                      shape, '.');
  std::vector<Dim> ranks(static_cast<std::size_t>(shape.rank()), 1);
  ranks[static_cast<std::size_t>(axis < 0 ? axis + shape.rank() : axis)] = size;
  const Tensor sorted = -ops::sort(-x, axis);
  const Tensor sums = ops::cumsum(sorted, axis);
  const Tensor place = ops::reshape(ops::arange(1, static_cast<double>(size + 1)), Shape(ranks)).cast(x.dtype());
  const Tensor support = sorted - (sums - 1) / place > 0;
  const Tensor k = ops::sum(support.cast(x.dtype()), {.axis = axis, .keepdims = true});
  const Tensor total = ops::sum(ops::where(support, sums, 0), {.axis = axis, .keepdims = true});
  return ops::maximum(x - (total - 1) / k, 0);
}

Tensor Exponential::operator()(const Tensor& x) const { return ops::exp(x); }
Tensor Linear::operator()(const Tensor& x) const { return x; }

}  // namespace kerata::activations
