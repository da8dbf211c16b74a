#include "kerata/layers/batch_normalization.h"

#include <cmath>

#include "core/require.h"
#include "kerata/ops/control.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"

namespace kerata::layers {
namespace {

Tensor as(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : x.cast(dtype); }

/// The square root of another initializer's values.
struct SquareRootOf {
  AnyInitializer inner;
  Tensor operator()(const Shape& shape, DType dtype) const { return ops::sqrt(inner->call(shape, dtype)); }
};

std::vector<Dim> all_axes_but(Dim axis, Dim rank) {
  std::vector<Dim> axes;
  for (Dim i = 0; i < rank; ++i)
    if (i != axis && i != axis + rank) axes.push_back(i);
  return axes;
}

Tensor moving(const Variable& average, double momentum, const Tensor& value) {
  return average * momentum + as(value, average.dtype()) * (1 - momentum);
}

}  // namespace

RenormClipping::RenormClipping(std::initializer_list<std::pair<std::string_view, double>> limits) {
  for (const auto& [key, limit] : limits) set(key, limit);
}

const double* RenormClipping::find(std::string_view key) const {
  for (const auto& [name, limit] : limits_)
    if (name == key) return &limit;
  return nullptr;
}

void RenormClipping::set(std::string_view key, double limit) {
  require<ValueError>(key == "rmax" || key == "rmin" || key == "dmax", "BatchNormalization",
                      "Received invalid keys for "
                      "`renorm_clipping` argument: ",
                      key, ". Supported values: [rmax, rmin, dmax].");
  limits_.emplace_back(std::string(key), limit);
  const double *rmax = find("rmax"), *rmin = find("rmin"), *dmax = find("dmax");
  require<ValueError>(!rmax || !rmin || *rmax >= *rmin, "BatchNormalization",
                      "rmax should be greater than rmin in the "
                      "`renorm_clipping` argument. Received: rmax=",
                      rmax ? *rmax : 0, ", rmin=", rmin ? *rmin : 0, '.');
  require<ValueError>(!dmax || *dmax >= 0, "BatchNormalization",
                      "dmax should be non-negative in the `renorm_clipping` "
                      "argument. Received: dmax=",
                      dmax ? *dmax : 0, '.');
}

Config config_of(const RenormClipping& clipping) {
  if (clipping.limits().empty()) return nullptr;
  Config config{Config::Object{}};
  for (const auto& [key, limit] : clipping.limits()) config.set(key, limit);
  return config;
}

void read_config(const Config& from, RenormClipping& to) {
  to = {};
  if (from.is_null()) return;
  for (const auto& [key, limit] : from.as_object())
    if (!limit.is_null()) to.set(key, limit.as_number());
}

BatchNormalizationLayer::BatchNormalizationLayer(const Options& options) : options_(options) {
  require<ValueError>(!options.synchronized, "BatchNormalization",
                      "Argument synchronized=True needs several devices; there is one.");
  require<ValueError>(options.epsilon >= 0, "BatchNormalization", "Expected epsilon >= 0, received ", options.epsilon,
                      '.');
  set_supports_masking(true);
  set_uses_mask(true);
}

void BatchNormalizationLayer::build(const Shape& input) {
  rank_ = input.rank();
  require<ValueError>(options_.axis >= -rank_ && options_.axis < rank_, "BatchNormalization", "Axis ", options_.axis,
                      " is out of bounds for input shape ", input, ". Received: axis=", options_.axis, '.');
  channels_ = input[options_.axis];
  const Shape shape{channels_};
  auto weight = [&](const char* name, const AnyInitializer& initializer, const AnyRegularizer& regularizer,
                    const AnyConstraint& constraint, bool trainable) {
    return add_weight(name, shape,
                      {.initializer = initializer,
                       .trainable = trainable,
                       .regularizer = regularizer,
                       .constraint = constraint,
                       .autocast = trainable});
  };
  if (options_.scale)
    gamma_ = weight("gamma", options_.gamma_initializer, options_.gamma_regularizer, options_.gamma_constraint, true);
  if (options_.center)
    beta_ = weight("beta", options_.beta_initializer, options_.beta_regularizer, options_.beta_constraint, true);
  moving_mean_ = weight("moving_mean", options_.moving_mean_initializer, {}, {}, false);
  moving_variance_ = weight("moving_variance", options_.moving_variance_initializer, {}, {}, false);
  if (!options_.renorm) return;
  const SquareRootOf stddev{options_.moving_variance_initializer};
  moving_stddev_ = weight("moving_stddev", stddev, {}, {}, false);
  renorm_mean_ = weight("renorm_mean", options_.moving_mean_initializer, {}, {}, false);
  renorm_stddev_ = weight("renorm_stddev", stddev, {}, {}, false);
}

Config BatchNormalizationLayer::get_config() const {
  Config config = Layer::get_config();
  if (options_.renorm && options_.renorm_clipping.limits().empty())  // as Keras writes it
    config.set("renorm_clipping", Config(Config::Object{}));
  return config;
}

Tensor BatchNormalizationLayer::call(const Tensor& input, const CallContext& context) const {
  require<ShapeError>(input.rank() == rank_, "BatchNormalization", "The layer was built for rank ", rank_,
                      ", received an input ", input.shape(), '.');
  const Dim channels = input.shape()[options_.axis];
  require<ShapeError>(channels == channels_ || channels < 0, "BatchNormalization", "The layer was built for ",
                      channels_, " elements on axis ", options_.axis, ", received an input ", input.shape(), '.');
  const Tensor x = as(input, promote(input.dtype(), DType::float32));  // statistics of half types overflow
  const Tensor gamma = options_.scale ? as(gamma_, x.dtype()) : Tensor();
  const Tensor beta = options_.center ? as(beta_, x.dtype()) : Tensor();
  const bool trains = context.training() && trainable();
  const Tensor y = trains ? train(x, gamma, beta, context)
                          : normalize(x, {as(moving_mean_, x.dtype()), as(moving_variance_, x.dtype())}, gamma, beta);
  return as(y, options_.dtype.compute_dtype());
}

Tensor BatchNormalizationLayer::normalize(const Tensor& x, const Moments& moments, const Tensor& gamma,
                                          const Tensor& beta) const {
  const Dim axis = options_.axis < 0 ? options_.axis + rank_ : options_.axis;
  auto along = [&](const Tensor& values) {
    if (axis == rank_ - 1) return values;  // broadcasts as it is
    std::vector<Dim> sizes(static_cast<std::size_t>(rank_), 1);
    sizes[static_cast<std::size_t>(axis)] = channels_;
    return ops::reshape(values, Shape(sizes));
  };
  Tensor factor = ops::rsqrt(moments.variance + options_.epsilon);
  if (!gamma.is_empty()) factor = factor * gamma;
  Tensor offset = -(moments.mean * factor);
  if (!beta.is_empty()) offset = offset + beta;
  return x * along(factor) + along(offset);
}

Tensor BatchNormalizationLayer::train(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                      const CallContext& context) const {
  if (!context.mask().is_empty() || options_.renorm) {
    Moments moments;
    if (context.mask().is_empty()) {
      const std::vector<Dim> reduced = all_axes_but(options_.axis, rank_);
      moments = {ops::mean(x, {.axis = reduced}), ops::var(x, {.axis = reduced})};
    } else {
      moments = masked_moments(x, context.mask());
    }
    if (options_.renorm) return train_renorm(x, moments, gamma, beta, context);
    move_averages(moments, context);
    return normalize(x, moments, gamma, beta);
  }
  const Dim axis = options_.axis < 0 ? options_.axis + rank_ : options_.axis;
  std::vector<Dim> forth = all_axes_but(axis, rank_), back(static_cast<std::size_t>(rank_));
  forth.push_back(axis);
  for (std::size_t i = 0; i < forth.size(); ++i) back[static_cast<std::size_t>(forth[i])] = static_cast<Dim>(i);
  const bool is_last = axis == rank_ - 1;
  const Tensor ones = gamma.is_empty() ? ops::ones({channels_}, x.dtype()) : gamma;
  const Tensor zeros = beta.is_empty() ? ops::zeros({channels_}, x.dtype()) : beta;
  const std::vector<Tensor> result =
      ops::batch_norm_training(is_last ? x : ops::transpose(x, forth), ones, zeros, options_.epsilon);
  move_averages({result[1], result[2]}, context);
  return is_last ? result[0] : ops::transpose(result[0], back);
}

void BatchNormalizationLayer::move_averages(const Moments& moments, const CallContext& context) const {
  context.update(moving_mean_, moving(moving_mean_, options_.momentum, ops::stop_gradient(moments.mean)));
  context.update(moving_variance_, moving(moving_variance_, options_.momentum, ops::stop_gradient(moments.variance)));
}

BatchNormalizationLayer::Moments BatchNormalizationLayer::masked_moments(const Tensor& x, const Tensor& mask) const {
  require<ValueError>(mask.rank() == x.rank() - 1, "BatchNormalization",
                      "The mask provided should be one dimension less than the inputs. Received: mask.shape=",
                      mask.shape(), ", inputs.shape=", x.shape(), '.');
  constexpr double kEpsilon = 1e-7;
  const std::vector<Dim> reduced = all_axes_but(options_.axis, rank_);
  const Tensor counts = ops::expand_dims(mask, -1);
  const Tensor ones = ops::where(counts, ops::ones_like(x), 0.0);
  const Tensor weight = ops::sum(ones, {.axis = reduced, .keepdims = true}) + kEpsilon;
  const Tensor mean = ops::sum(ops::where(counts, x, 0.0), {.axis = reduced, .keepdims = true}) / weight;
  const Tensor squares = ops::square(ops::where(counts, x - mean, 0.0));
  const Tensor variance = ops::sum(squares, {.axis = reduced, .keepdims = true}) / weight;
  return {ops::reshape(mean, {channels_}), ops::reshape(variance, {channels_})};
}

// Ioffe 2017: (x * r + d) * gamma + beta on the batch's statistics, with r and d from the slow averages, not
// differentiated.
Tensor BatchNormalizationLayer::train_renorm(const Tensor& x, const Moments& moments, Tensor gamma, Tensor beta,
                                             const CallContext& context) const {
  const Tensor mean = ops::stop_gradient(moments.mean), variance = ops::stop_gradient(moments.variance);
  const Tensor stddev = ops::sqrt(variance + options_.epsilon);
  const Tensor slow_stddev = ops::maximum(as(renorm_stddev_, x.dtype()), std::sqrt(options_.epsilon));
  Tensor r = stddev / slow_stddev;
  Tensor d = (mean - as(renorm_mean_, x.dtype())) / slow_stddev;
  if (const double* rmin = options_.renorm_clipping.find("rmin")) r = ops::maximum(r, *rmin);
  if (const double* rmax = options_.renorm_clipping.find("rmax")) r = ops::minimum(r, *rmax);
  if (const double* dmax = options_.renorm_clipping.find("dmax")) d = ops::clip(d, -*dmax, *dmax);
  const Tensor factor = gamma.is_empty() ? r : r * gamma;
  Tensor offset = gamma.is_empty() ? d : d * gamma;
  if (!beta.is_empty()) offset = offset + beta;
  context.update(renorm_mean_, moving(renorm_mean_, options_.renorm_momentum, mean));
  context.update(renorm_stddev_, moving(renorm_stddev_, options_.renorm_momentum, stddev));
  context.update(moving_mean_, moving(moving_mean_, options_.momentum, mean));
  const Tensor new_stddev = moving(moving_stddev_, options_.momentum, stddev);
  context.update(moving_stddev_, new_stddev);
  context.update(moving_variance_, ops::relu(new_stddev * new_stddev - options_.epsilon));
  return normalize(x, moments, factor, offset);
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::BatchNormalizationLayer>;
}  // namespace kerata
