// Dropout: sets a share of the values to zero while training.
#pragma once

#include <array>

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// Training: each value is 0 with probability `rate`, else divided by (1 - rate). Otherwise x. Any shape; masks pass.
/// Throws ValueError unless 0 <= rate <= 1. https://keras.io/api/layers/regularization_layers/dropout
class DropoutLayer : public Layer {
 public:
  struct Options {
    Shape noise_shape = {};  // sizes of 1 share one draw along that axis; -1: as x
    std::int64_t seed = -1;  // -1: of the global seed's stream
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("noise_shape", &Options::noise_shape), field("seed", &Options::seed, Saved::as_seed),
                        field("name", &Options::name), field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  static constexpr std::array kArguments{"rate"};
  DropoutLayer(double rate, const Options& options);
  Tensor call(const Tensor& x, const CallContext& context) const override;

 private:
  double rate_;
  Shape noise_shape_;
  Variable seed_;
};
using Dropout = LayerRef<DropoutLayer, double>;

}  // namespace layers

extern template class LayerRef<layers::DropoutLayer, double>;

}  // namespace kerata

#pragma GCC visibility pop
