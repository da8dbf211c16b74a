// BatchNormalization: zero mean and unit variance per channel over the batch.
#pragma once

#include <utility>

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace layers {

/// Limits of batch renormalization: {{"rmax", 3}, {"rmin", 0.3}, {"dmax", 5}}; absent ones do not clip.
class RenormClipping {
 public:
  RenormClipping() = default;
  /// Throws ValueError for another key, rmax < rmin, or a negative dmax.
  RenormClipping(std::initializer_list<std::pair<std::string_view, double>> limits);
  /// The limit, or null.
  const double* find(std::string_view key) const;
  const std::vector<std::pair<std::string, double>>& limits() const { return limits_; }
  void set(std::string_view key, double limit);

 private:
  std::vector<std::pair<std::string, double>> limits_;
};
Config config_of(const RenormClipping& clipping);
void read_config(const Config& from, RenormClipping& to);

/// Training: normalizes with the batch's mean and variance and moves the averages; otherwise, and with trainable =
/// false, with the moving averages. x: any shape with a known size on `axis`. With a mask, masked steps do not count.
/// Ioffe and Szegedy 2015; renorm: Ioffe 2017. https://keras.io/api/layers/normalization_layers/batch_normalization
class BatchNormalizationLayer : public Layer {
 public:
  struct Options {
    Dim axis = -1;
    double momentum = 0.99;
    double epsilon = 1e-3;
    bool center = true;  // add beta
    bool scale = true;   // multiply by gamma
    AnyInitializer beta_initializer = "zeros";
    AnyInitializer gamma_initializer = "ones";
    AnyInitializer moving_mean_initializer = "zeros";
    AnyInitializer moving_variance_initializer = "ones";
    AnyRegularizer beta_regularizer = {};
    AnyRegularizer gamma_regularizer = {};
    AnyConstraint beta_constraint = {};
    AnyConstraint gamma_constraint = {};
    bool renorm = false;
    RenormClipping renorm_clipping = {};
    double renorm_momentum = 0.99;
    bool synchronized = false;  // over several devices: ValueError, there is one
    std::string name = {};
    bool trainable = true;
    DTypePolicy dtype = {};
    Shape input_shape = {};
    static constexpr KerasKey kKerasKeys[] = {{"virtual_batch_size", KerasKey::may_be_null},  // Keras 2
                                              {"adjustment", KerasKey::may_be_null},
                                              {"fused", KerasKey::ignored}};
    static constexpr auto fields() {
      return std::tuple{field("axis", &Options::axis),
                        field("momentum", &Options::momentum),
                        field("epsilon", &Options::epsilon),
                        field("center", &Options::center),
                        field("scale", &Options::scale),
                        field("beta_initializer", &Options::beta_initializer),
                        field("gamma_initializer", &Options::gamma_initializer),
                        field("moving_mean_initializer", &Options::moving_mean_initializer),
                        field("moving_variance_initializer", &Options::moving_variance_initializer),
                        field("beta_regularizer", &Options::beta_regularizer),
                        field("gamma_regularizer", &Options::gamma_regularizer),
                        field("beta_constraint", &Options::beta_constraint),
                        field("gamma_constraint", &Options::gamma_constraint),
                        field("renorm", &Options::renorm),
                        field("renorm_clipping", &Options::renorm_clipping),
                        field("renorm_momentum", &Options::renorm_momentum),
                        field("synchronized", &Options::synchronized),
                        field("name", &Options::name),
                        field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };
  explicit BatchNormalizationLayer(const Options& options);
  void build(const Shape& input) override;
  Tensor call(const Tensor& x, const CallContext& context) const override;
  Config get_config() const override;

 private:
  struct Moments {
    Tensor mean, variance;
  };
  Tensor normalize(const Tensor& x, const Moments& moments, const Tensor& gamma, const Tensor& beta) const;
  Tensor train(const Tensor& x, const Tensor& gamma, const Tensor& beta, const CallContext& context) const;
  Tensor train_renorm(const Tensor& x, const Moments& moments, Tensor gamma, Tensor beta,
                      const CallContext& context) const;
  Moments masked_moments(const Tensor& x, const Tensor& mask) const;
  void move_averages(const Moments& moments, const CallContext& context) const;

  Options options_;
  Dim rank_ = 0, channels_ = 0;
  Variable gamma_, beta_, moving_mean_, moving_variance_, moving_stddev_, renorm_mean_, renorm_stddev_;
};
using BatchNormalization = LayerRef<BatchNormalizationLayer>;

}  // namespace layers

extern template class LayerRef<layers::BatchNormalizationLayer>;

}  // namespace kerata

#pragma GCC visibility pop
