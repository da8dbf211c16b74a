#include "kerata/layers/dense.h"

#include "core/require.h"
#include "kerata/ops/linalg.h"

namespace kerata::layers {

DenseLayer::DenseLayer(Dim units, const Options& options) : units_(units), options_(options) {
  require<ValueError>(units > 0, "Dense",
                      "Received an invalid value for `units`, expected a positive integer. Received: units=", units,
                      '.');
  require<ValueError>(options.input_dim >= 0, "Dense", "Expected a positive input_dim, received ", options.input_dim,
                      '.');
  set_supports_masking(true);
}

void DenseLayer::build(const Shape& input) {
  require<ShapeError>(input.rank() >= 2, "Dense",
                      "Expected an input of rank 2 or more, (batch, ..., inputs), received ", input,
                      ". Hint: x.reshape({-1, 1}) makes each number a sample.");
  kernel_ = add_weight("kernel", {input.back(), units_},
                       {.initializer = options_.kernel_initializer,
                        .regularizer = options_.kernel_regularizer,
                        .constraint = options_.kernel_constraint});
  if (!options_.use_bias) return;
  bias_ = add_weight("bias", {units_},
                     {.initializer = options_.bias_initializer,
                      .regularizer = options_.bias_regularizer,
                      .constraint = options_.bias_constraint});
}

Tensor DenseLayer::call(const Tensor& x, const CallContext&) const {
  const Dim inputs = kernel_.shape()[0];
  require<ShapeError>(x.rank() >= 2, "Dense", "Expected an input of rank 2 or more, (batch, ..., inputs), received ",
                      x.shape(), '.');
  require<ShapeError>(x.shape().back() == inputs || x.shape().back() < 0, "Dense",
                      "The layer was built for a last axis of ", inputs, ". Expected (?, ..., ", inputs, "), received ",
                      x.shape(), ". Hint: a layer keeps the shape of its first call; use another layer.");
  Tensor y = ops::matmul(x, kernel_);
  if (options_.use_bias) y = y + bias_;
  return options_.activation ? options_.activation->call(y) : y;
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::DenseLayer, Dim>;
}  // namespace kerata
