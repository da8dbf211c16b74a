#include "kerata/initializers/initializers.h"

#include <cmath>

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"

namespace kerata::initializers {
namespace {

/// Random values in float32 or float64, cast to another dtype afterwards.
template <class Draw>
Tensor drawn(DType dtype, std::int64_t seed, const Draw& draw) {
  const DType inner = dtype == DType::float64 ? DType::float64 : DType::float32;
  const Tensor values = draw(random::Options{.dtype = inner, .seed = seed});
  return dtype == inner ? values : values.cast(dtype);
}

}  // namespace

Tensor Zeros::call(const Shape& shape, DType dtype) const { return ops::zeros(shape, dtype); }
Config Zeros::get_config() const { return Config::Object{}; }

Tensor Ones::call(const Shape& shape, DType dtype) const { return ops::ones(shape, dtype); }
Config Ones::get_config() const { return Config::Object{}; }

Tensor Constant::call(const Shape& shape, DType dtype) const { return ops::full(shape, value_, dtype); }
Config Constant::get_config() const { return Config::Object{{"value", value_}}; }

Tensor Identity::call(const Shape& shape, DType dtype) const {
  require<ShapeError>(shape.rank() == 2, "Identity",
                      "Identity matrix initializer can only be used for 2D matrices. Received: shape=", shape,
                      " of rank ", shape.rank(), '.');
  const Tensor eye = ops::eye(shape[0], {.columns = shape[1], .dtype = dtype});
  return gain_ == 1 ? eye : (eye * gain_).cast(dtype);
}
Config Identity::get_config() const {  // Keras writes no gain; another one than the default must not get lost
  return gain_ == 1 ? Config::Object{} : Config::Object{{"gain", gain_}};
}

Tensor RandomNormal::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed,
               [&](const random::Options& how) { return random::normal(shape, options_.mean, options_.stddev, how); });
}
Config RandomNormal::get_config() const { return kerata::config_of(options_); }

Tensor TruncatedNormal::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed, [&](const random::Options& how) {
    return random::truncated_normal(shape, options_.mean, options_.stddev, how);
  });
}
Config TruncatedNormal::get_config() const { return kerata::config_of(options_); }

Tensor RandomUniform::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed, [&](const random::Options& how) {
    return random::uniform(shape, options_.minval, options_.maxval, how);
  });
}
Config RandomUniform::get_config() const { return kerata::config_of(options_); }

std::pair<Dim, Dim> compute_fans(const Shape& shape, const std::vector<Dim>& input_axes,
                                 const std::vector<Dim>& output_axes) {
  auto product = [&](const std::vector<Dim>& axes) {
    Shape sizes;  // which checks the product
    for (Dim axis : axes) sizes.push_back(shape[axis]);
    return sizes.size();
  };
  if (!input_axes.empty() && !output_axes.empty()) return {product(input_axes), product(output_axes)};
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {shape[0], shape[0]};
  Dim window = 1;
  for (Dim axis = 0; axis < shape.rank() - 2; ++axis) window *= shape[axis];
  return {shape[-2] * window, shape[-1] * window};
}

VarianceScaling::VarianceScaling(const Options& options) : options_(options) {
  if (options.distribution == Distribution::normal) options_.distribution = Distribution::truncated_normal;
  require<ValueError>(options.scale > 0, "VarianceScaling",
                      "Argument `scale` must be positive float. Received: scale=", options.scale, '.');
}

Tensor VarianceScaling::call(const Shape& shape, DType dtype) const {
  const auto [fan_in, fan_out] = compute_fans(shape, options_.input_axes, options_.output_axes);
  double n = static_cast<double>(fan_in);
  if (options_.mode == FanMode::fan_out) n = static_cast<double>(fan_out);
  if (options_.mode == FanMode::fan_avg) n = static_cast<double>(fan_in + fan_out) / 2;
  const double scale = options_.scale / std::max(1.0, n);
  return drawn(dtype, options_.seed, [&](const random::Options& how) {
    if (options_.distribution == Distribution::uniform) {
      const double limit = std::sqrt(3 * scale);
      return random::uniform(shape, -limit, limit, how);
    }
    if (options_.distribution == Distribution::untruncated_normal)
      return random::normal(shape, 0, std::sqrt(scale), how);
    constexpr double kTruncatedStddev = 0.87962566103423978;  // of a normal cut at two standard deviations
    return random::truncated_normal(shape, 0, std::sqrt(scale) / kTruncatedStddev, how);
  });
}

Config VarianceScaling::get_config() const { return kerata::config_of(options_); }

NamedVarianceScaling::NamedVarianceScaling(double scale, FanMode mode, Distribution distribution,
                                           const SeedOptions& options)
    : VarianceScaling({.scale = scale,
                       .mode = mode,
                       .distribution = distribution,
                       .seed = options.seed,
                       .input_axes = options.input_axes,
                       .output_axes = options.output_axes}) {}

Config NamedVarianceScaling::get_config() const {
  return kerata::config_of(SeedOptions{options_.seed, options_.input_axes, options_.output_axes});
}

GlorotUniform::GlorotUniform(const Options& options)
    : NamedVarianceScaling(1, FanMode::fan_avg, Distribution::uniform, options) {}
GlorotNormal::GlorotNormal(const Options& options)
    : NamedVarianceScaling(1, FanMode::fan_avg, Distribution::truncated_normal, options) {}
HeUniform::HeUniform(const Options& options)
    : NamedVarianceScaling(2, FanMode::fan_in, Distribution::uniform, options) {}
HeNormal::HeNormal(const Options& options)
    : NamedVarianceScaling(2, FanMode::fan_in, Distribution::truncated_normal, options) {}
LecunUniform::LecunUniform(const Options& options)
    : NamedVarianceScaling(1, FanMode::fan_in, Distribution::uniform, options) {}
LecunNormal::LecunNormal(const Options& options)
    : NamedVarianceScaling(1, FanMode::fan_in, Distribution::truncated_normal, options) {}

}  // namespace kerata::initializers
