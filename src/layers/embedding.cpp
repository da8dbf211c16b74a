#include "kerata/layers/embedding.h"

#include "core/require.h"
#include "kerata/ops/math.h"
#include "kerata/ops/shape.h"

namespace kerata::layers {

EmbeddingLayer::EmbeddingLayer(Dim input_dim, Dim output_dim, const Options& options)
    : input_dim_(input_dim), output_dim_(output_dim), options_(options) {
  require<ValueError>(input_dim > 0, "Embedding",
                      "`input_dim` must be a positive integer. Received: input_dim=", input_dim, '.');
  require<ValueError>(output_dim > 0, "Embedding",
                      "`output_dim` must be a positive integer. Received: output_dim=", output_dim, '.');
  require<ShapeError>(options.weights.is_empty() || options.weights.shape() == Shape{input_dim, output_dim},
                      "Embedding", "Expected weights of shape ", Shape{input_dim, output_dim}, ", received ",
                      options.weights.is_empty() ? Shape{} : options.weights.shape(), '.');
  set_supports_masking(options.mask_zero);
  set_autocast(false);
}

void EmbeddingLayer::build(const Shape&) {
  embeddings_ = add_weight("embeddings", {input_dim_, output_dim_},
                           {.initializer = options_.embeddings_initializer,
                            .regularizer = options_.embeddings_regularizer,
                            .constraint = options_.embeddings_constraint});
  if (!options_.weights.is_empty()) embeddings_.assign(options_.weights);
}

Tensor EmbeddingLayer::call(const Tensor& x, const CallContext&) const {
  const bool is_index = x.dtype() == DType::int32 || x.dtype() == DType::int64;
  const Tensor y = ops::take(embeddings_, is_index ? x : x.cast(DType::int32), 0);
  const DType compute = options_.dtype.compute_dtype();
  return y.dtype() == compute ? y : y.cast(compute);
}

Tensor EmbeddingLayer::compute_mask(const Tensor& x, const Tensor&) const {
  return options_.mask_zero ? ops::not_equal(x, 0) : Tensor();
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::EmbeddingLayer, Dim, Dim>;
}  // namespace kerata
