// softmax, log_softmax and the cross-entropies from logits.
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_attrs.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

void require_floating(std::string_view op, const ValueType& x) {
  require<ValueError>(is_floating(x.dtype), op, "Expected a floating type, received ", x.dtype,
                      ". Hint: cast to float32.");
}

std::vector<ValueType> infer_softmax(Types in, const Attrs&) {
  require_floating("softmax", in[0]);
  return {in[0]};
}

// y = softmax(x): dx = y (g - sum(g y))
std::vector<Tensor> vjp_softmax(const VjpArgs& args) {
  const Tensor &y = args.out(), &g = args.grad();
  const Reduce over{.axis = args.attrs.as<SoftmaxAttrs>().axis, .keepdims = true};
  return {y * (g - sum(g * y, over))};
}

// y = log_softmax(x): dx = g - softmax(x) sum(g)
std::vector<Tensor> vjp_log_softmax(const VjpArgs& args) {
  const Dim axis = args.attrs.as<SoftmaxAttrs>().axis;
  return {args.grad() - softmax(args.in(), axis) * sum(args.grad(), {.axis = axis, .keepdims = true})};
}

void check_labels(std::string_view op, const Shape& logits, const Shape& labels) {
  require<ShapeError>(logits.rank() >= 1, op, "Expected logits of shape (..., classes), received ", logits, '.');
  bool fits = labels.rank() == logits.rank() - 1;
  for (Dim axis = 0; fits && axis < labels.rank(); ++axis)
    fits = labels[axis] < 0 || logits[axis] < 0 || labels[axis] == logits[axis];
  require<ShapeError>(fits, op, "Labels do not fit the logits. Expected labels of the shape of ", logits,
                      " without its last axis, received ", labels, '.');
}

std::vector<ValueType> infer_sparse(Types in, const Attrs&) {
  require_floating("sparse_softmax_cross_entropy", in[0]);
  check_labels("sparse_softmax_cross_entropy", in[0].shape, in[1].shape);
  const Shape& logits = in[0].shape;
  return {{in[0].dtype, Shape(logits.begin(), logits.end() - 1)}};
}

std::vector<Tensor> vjp_sparse(const VjpArgs& args) {
  return {apply(kSparseSoftmaxGrad, {softmax(args.in(0)), args.in(1), args.grad()}), Tensor()};
}

std::vector<ValueType> infer_sparse_grad(Types in, const Attrs&) { return {in[0]}; }

// r = g (p - one_hot): dp = g h, dg = sum(h (p - one_hot))
std::vector<Tensor> vjp_sparse_grad(const VjpArgs& args) {
  const Tensor &p = args.in(0), &labels = args.in(1), &g = args.in(2), &h = args.grad();
  std::vector<Tensor> result(3);
  if (args.needs(0)) result[0] = expand_dims(g, -1) * h;
  if (args.needs(2)) result[2] = sum(h * apply(kSparseSoftmaxGrad, {p, labels, ones_like(g)}), {.axis = -1});
  return result;
}

std::vector<ValueType> infer_sigmoid(Types in, const Attrs&) {
  require_floating("sigmoid_cross_entropy", in[0]);
  require<ShapeError>(in[0].shape == in[1].shape && in[0].dtype == in[1].dtype, "sigmoid_cross_entropy",
                      "Expected labels like the logits (", in[0].dtype, ' ', in[0].shape, "), received ", in[1].dtype,
                      ' ', in[1].shape, '.');
  return {in[0]};
}

// l = max(x, 0) - x z + log(1 + exp(-|x|)): dx = sigmoid(x) - z, dz = -x
std::vector<Tensor> vjp_sigmoid(const VjpArgs& args) {
  const Tensor &x = args.in(0), &z = args.in(1), &g = args.grad();
  std::vector<Tensor> result(2);
  if (args.needs(0)) result[0] = g * (sigmoid(x) - z);
  if (args.needs(1)) result[1] = -(g * x);
  return result;
}

Dim front_axis(std::string_view op, const Tensor& x, Dim axis) {
  const Dim rank = x.rank();
  require<ShapeError>(axis >= -rank && axis < rank, op, "There is no axis ", axis, " in ", x.shape(), '.');
  return axis < 0 ? axis + rank : axis;
}

}  // namespace

const OpDef kSoftmax = {.name = "softmax", .infer = infer_softmax, .vjp = vjp_softmax, .in_place = true};
const OpDef kLogSoftmax = {.name = "log_softmax", .infer = infer_softmax, .vjp = vjp_log_softmax, .in_place = true};
const OpDef kSparseSoftmaxCrossEntropy = {
    .name = "sparse_softmax_cross_entropy", .infer = infer_sparse, .vjp = vjp_sparse};
const OpDef kSparseSoftmaxGrad = {
    .name = "sparse_softmax_grad", .infer = infer_sparse_grad, .vjp = vjp_sparse_grad, .in_place = true};
const OpDef kSigmoidCrossEntropy = {
    .name = "sigmoid_cross_entropy", .infer = infer_sigmoid, .vjp = vjp_sigmoid, .in_place = true};

Tensor softmax(const Tensor& x, Dim axis) { return apply(kSoftmax, {x}, SoftmaxAttrs{front_axis("softmax", x, axis)}); }

Tensor log_softmax(const Tensor& x, Dim axis) {
  return apply(kLogSoftmax, {x}, SoftmaxAttrs{front_axis("log_softmax", x, axis)});
}

Tensor sparse_softmax_cross_entropy(const Tensor& logits, const Tensor& labels) {
  return apply(kSparseSoftmaxCrossEntropy, {logits, labels});
}

Tensor softmax_cross_entropy(const Tensor& logits, const Tensor& labels) {
  return -sum(labels * log_softmax(logits), {.axis = -1});
}

Tensor sigmoid_cross_entropy(const Tensor& logits, const Tensor& labels) {
  return apply(kSigmoidCrossEntropy, {logits, labels});
}

}  // namespace kerata::ops
