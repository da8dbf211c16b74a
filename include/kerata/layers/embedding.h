// Embedding: a row of weights for each index.
#pragma once

#include <array>

#include "kerata/layers/normalization.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// x: integers in [0, input_dim), any shape (batch, ...); result: (batch, ..., output_dim); a negative index counts
/// from the end, as in Keras on JAX. With mask_zero the index 0 is padding: the mask x != 0 rides on the result. Throws
/// ValueError for sizes < 1 and, when it runs, for an index out of range.
/// https://keras.io/api/layers/core_layers/embedding
class EmbeddingLayer : public Layer {
 public:
  struct Options {
    AnyInitializer embeddings_initializer = "uniform";
    AnyRegularizer embeddings_regularizer = {};
    AnyConstraint embeddings_constraint = {};
    bool mask_zero = false;
    Tensor weights = {};  // first value, (input_dim, output_dim)
    AnyRegularizer activity_regularizer = {};
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr KerasKey kKerasKeys[] = {{"quantization_config", KerasKey::written},
                                              {"input_length", KerasKey::ignored},  // Keras 2
                                              {"sparse", KerasKey::may_be_no}};
    static constexpr auto fields() {
      return std::tuple{field("embeddings_initializer", &Options::embeddings_initializer),
                        field("embeddings_regularizer", &Options::embeddings_regularizer),
                        field("embeddings_constraint", &Options::embeddings_constraint),
                        field("mask_zero", &Options::mask_zero),
                        field("activity_regularizer", &Options::activity_regularizer),
                        field("name", &Options::name),
                        field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  static constexpr std::array kArguments{"input_dim", "output_dim"};
  EmbeddingLayer(Dim input_dim, Dim output_dim, const Options& options);
  void build(const Shape& input) override;
  Tensor call(const Tensor& x, const CallContext& context) const override;
  Tensor compute_mask(const Tensor& x, const Tensor& mask) const override;

 private:
  Dim input_dim_, output_dim_;
  Options options_;
  Variable embeddings_;
};
using Embedding = LayerRef<EmbeddingLayer, Dim, Dim>;

}  // namespace layers

extern template class LayerRef<layers::EmbeddingLayer, Dim, Dim>;

}  // namespace kerata

#pragma GCC visibility pop
