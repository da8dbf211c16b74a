// Normalization: shifts and scales the inputs by statistics of a data set.
#pragma once

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {

// An option that is a tensor of statistics: nested lists of numbers in configs.
Config config_of(const Tensor& value);
void read_config(const Config& from, Tensor& to);

namespace layers {

/// (x - mean) / sqrt(variance), per element of `axis`; with invert x * sqrt(variance) + mean. The statistics come from
/// adapt() or from .mean and .variance. https://keras.io/api/layers/preprocessing_layers/numerical/normalization
class NormalizationLayer : public Layer {
 public:
  struct Options {
    Axes axis = -1;    // the axes that have statistics of their own; {}: none, one mean for all
    Tensor mean = {};  // with .variance: instead of adapt(); rank 0 to the number of axes
    Tensor variance = {};
    bool invert = false;
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr auto fields() {
      return std::tuple{field("axis", &Options::axis),         field("mean", &Options::mean),
                        field("variance", &Options::variance), field("invert", &Options::invert),
                        field("name", &Options::name),         field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  /// Throws ValueError when only one of mean and variance is given, or their shapes differ.
  explicit NormalizationLayer(const Options& options);
  void build(const Shape& input) override;
  Tensor call(const Tensor& x, const CallContext& context) const override;
  Config get_config() const override;
  /// Takes mean and variance of `data` (samples, ...), before or after the first call. Throws ValueError when they were
  /// given as options, ShapeError when `data` does not fit the layer.
  void adapt(const Tensor& data);

 private:
  Options options_;
  Shape input_, broadcast_shape_;
  std::vector<Dim> keep_axes_, reduce_axes_;
  Variable mean_, variance_, count_;
  Tensor given_mean_, given_variance_;
};

class Normalization : public LayerRef<NormalizationLayer> {
 public:
  using LayerRef::LayerRef;
  void adapt(const Tensor& data) const { (*this)->adapt(data); }
};

}  // namespace layers

extern template class LayerRef<layers::NormalizationLayer>;

}  // namespace kerata

#pragma GCC visibility pop
