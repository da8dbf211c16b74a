#include <cmath>

#include "core/require.h"
#include "kerata/losses/losses.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "losses/logits.h"
#include "ops/nn_ops.h"

namespace kerata::losses {
namespace {

constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()

Tensor as_type_of(const Tensor& y_true, const Tensor& y_pred) {
  return y_true.dtype() == y_pred.dtype() ? y_true : y_true.cast(y_pred.dtype());
}

void check_same_shape(std::string_view where, const Tensor& y_true, const Tensor& y_pred, std::string_view hint = {}) {
  require<ShapeError>(y_true.shape() == y_pred.shape(), where,
                      "Targets and predictions must have the same shape. Expected ", y_pred.shape(), ", received ",
                      y_true.shape(), '.', hint);
}

// Probabilities (..., classes) that sum to 1, away from 0 and 1, as logarithms.
Tensor log_of_probabilities(const Tensor& y_pred, Dim axis) {
  const Tensor sums = ops::sum(y_pred, {.axis = axis, .keepdims = true});
  return ops::log(ops::clip(y_pred / sums, kEpsilon, 1 - kEpsilon));
}

bool is_last(Dim axis, Dim rank) { return axis == -1 || axis == rank - 1; }

}  // namespace

void check_smoothing(std::string_view where, double label_smoothing) {
  require<ValueError>(label_smoothing >= 0 && label_smoothing <= 1, where,
                      "label_smoothing must be in [0, 1]. Received ", label_smoothing, '.');
}

Tensor BinaryCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return (*this)(y_true, y_pred, Options{});
}

Tensor BinaryCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred,
                                              const Options& options) const {
  check_smoothing(kName, options.label_smoothing);
  Tensor truth = as_type_of(y_true, y_pred);
  check_same_shape(kName, truth, y_pred);
  if (options.label_smoothing > 0) truth = truth * (1 - options.label_smoothing) + 0.5 * options.label_smoothing;
  Tensor logits = detail::logits_of_sigmoid(y_pred);
  if (logits.is_empty() && options.from_logits) logits = y_pred;
  if (!logits.is_empty()) return ops::mean(ops::sigmoid_cross_entropy(logits, truth), {.axis = options.axis});
  const Tensor p = ops::clip(y_pred, kEpsilon, 1 - kEpsilon);
  const Tensor values = -(truth * ops::log(p) + (1 - truth) * ops::log(1 - p));
  return ops::mean(values, {.axis = options.axis});
}

Tensor CategoricalCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return (*this)(y_true, y_pred, Options{});
}

Tensor CategoricalCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred,
                                                   const Options& options) const {
  check_smoothing(kName, options.label_smoothing);
  Tensor truth = as_type_of(y_true, y_pred);
  check_same_shape(kName, truth, y_pred,
                   " Hint: for class indices use sparse_categorical_crossentropy, or make the targets one-hot.");
  if (options.label_smoothing > 0) {
    const double classes = static_cast<double>(y_pred.shape().back());
    truth = truth * (1 - options.label_smoothing) + options.label_smoothing / classes;
  }
  Tensor logits = detail::logits_of_softmax(y_pred, options.axis);
  if (logits.is_empty() && options.from_logits) logits = y_pred;
  if (!logits.is_empty() && is_last(options.axis, y_pred.rank())) return ops::softmax_cross_entropy(logits, truth);
  const Tensor log_p =
      logits.is_empty() ? log_of_probabilities(y_pred, options.axis) : ops::log_softmax(logits, options.axis);
  return -ops::sum(truth * log_p, {.axis = options.axis});
}

Tensor SparseCategoricalCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred) const {
  return (*this)(y_true, y_pred, Options{});
}

Tensor SparseCategoricalCrossentropyFunction::operator()(const Tensor& y_true, const Tensor& y_pred,
                                                         const Options& options) const {
  const Dim rank = y_pred.rank();
  require<ShapeError>(rank >= 1, kName, "Predictions need a class axis. Received a scalar.");
  const Dim axis = options.axis < 0 ? options.axis + rank : options.axis;
  Tensor labels = y_true;
  if (labels.rank() == rank && labels.shape()[axis] == 1) labels = ops::squeeze(labels, axis);
  Shape expected;
  for (Dim i = 0; i < rank; ++i)
    if (i != axis) expected.push_back(y_pred.shape()[i]);
  require<ShapeError>(labels.shape() == expected, kName, "Targets must be class indices. Expected ", expected,
                      ", received ", y_true.shape(), ". Hint: for one-hot targets use categorical_crossentropy.");
  if (is_floating(labels.dtype())) labels = labels.cast("int32");
  Tensor valid;
  if (options.ignore_class) {
    valid = ops::not_equal(labels, *options.ignore_class);
    labels = ops::where(valid, labels, 0);
  }
  Tensor logits = detail::logits_of_softmax(y_pred, axis);
  if (logits.is_empty() && options.from_logits) logits = y_pred;
  Tensor values;
  if (!logits.is_empty() && is_last(axis, rank)) {
    values = ops::sparse_softmax_cross_entropy(logits, labels);
  } else {
    const Tensor log_p = logits.is_empty() ? log_of_probabilities(y_pred, axis) : ops::log_softmax(logits, axis);
    values = -ops::squeeze(ops::take_along_axis(log_p, ops::expand_dims(labels, axis), axis), axis);
  }
  if (valid.is_empty()) return values;
  return ops::where(valid, values, 0.0).with_mask(valid);
}

void SparseCategoricalCrossentropyFunction::check_targets(const Tensor& y_true, const Shape& y_pred) const {
  check_targets(y_true, y_pred, Options{});
}

void SparseCategoricalCrossentropyFunction::check_targets(const Tensor& y_true, const Shape& y_pred,
                                                          const Options& options) const {
  const Dim classes = y_pred[options.axis];
  if (classes < 0 || y_true.is_symbolic()) return;
  const std::vector<double> labels = y_true.to_vector<double>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double label = labels[i];  // compared as a double: it may be NaN
    if (label > -1 && label < static_cast<double>(classes)) continue;
    if (options.ignore_class && label == static_cast<double>(*options.ignore_class)) continue;
    const bool whole = std::abs(label) < 1e15 && std::floor(label) == label;
    fail<ValueError>(kName, "A label is outside the classes. Expected labels in [0, ", classes, "), received ",
                     whole ? std::to_string(static_cast<Dim>(label)) : join_text(label), " at index ", i,
                     ". Hint: the last layer needs one unit per class, labels count from 0.");
  }
}

}  // namespace kerata::losses
