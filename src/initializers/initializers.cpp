#include "kerata/initializers/initializers.h"

#include <cmath>

#include "core/named_family.h"
#include "core/require.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/random.h"
#include "kerata/ops/reduction.h"

namespace kerata::initializers {
namespace {

template <class Options>
Config config_with_seed(const char* class_name, const Options& options) {
  Config config{Config::Object{}};
  write_fields(options, config);
  if (options.seed < 0) config.set("seed", nullptr);
  return member_config(class_name, std::move(config));
}

/// Random values in float32 or float64, cast to another dtype afterwards.
template <class Draw>
Tensor drawn(DType dtype, std::int64_t seed, const Draw& draw) {
  const DType inner = dtype == DType::float64 ? DType::float64 : DType::float32;
  const Tensor values = draw(random::Options{.dtype = inner, .seed = seed});
  return dtype == inner ? values : values.cast(dtype);
}

void empty_axes_are_null(Config& config, const VarianceScaling::Options& options) {
  if (options.input_axes.empty()) config.set("input_axes", nullptr);
  if (options.output_axes.empty()) config.set("output_axes", nullptr);
  if (options.seed < 0) config.set("seed", nullptr);
}

}  // namespace

Tensor Zeros::call(const Shape& shape, DType dtype) const { return ops::zeros(shape, dtype); }
Config Zeros::to_config() const { return member_config("Zeros", Config(Config::Object{})); }

Tensor Ones::call(const Shape& shape, DType dtype) const { return ops::ones(shape, dtype); }
Config Ones::to_config() const { return member_config("Ones", Config(Config::Object{})); }

Tensor Constant::call(const Shape& shape, DType dtype) const { return ops::full(shape, value_, dtype); }
Config Constant::to_config() const { return member_config("Constant", Config(Config::Object{{"value", value_}})); }

Tensor Identity::call(const Shape& shape, DType dtype) const {
  require<ShapeError>(shape.rank() == 2, "Identity",
                      "Identity matrix initializer can only be used for 2D matrices. Received: shape=", shape,
                      " of rank ", shape.rank(), '.');
  const Tensor eye = ops::eye(shape[0], {.columns = shape[1], .dtype = dtype});
  return gain_ == 1 ? eye : (eye * gain_).cast(dtype);
}
Config Identity::to_config() const {  // Keras writes no gain; another one than the default must not get lost
  return member_config("Identity", gain_ == 1 ? Config(Config::Object{}) : Config(Config::Object{{"gain", gain_}}));
}

Tensor RandomNormal::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed,
               [&](const random::Options& how) { return random::normal(shape, options_.mean, options_.stddev, how); });
}
Config RandomNormal::to_config() const { return config_with_seed("RandomNormal", options_); }

Tensor TruncatedNormal::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed, [&](const random::Options& how) {
    return random::truncated_normal(shape, options_.mean, options_.stddev, how);
  });
}
Config TruncatedNormal::to_config() const { return config_with_seed("TruncatedNormal", options_); }

Tensor RandomUniform::call(const Shape& shape, DType dtype) const {
  return drawn(dtype, options_.seed, [&](const random::Options& how) {
    return random::uniform(shape, options_.minval, options_.maxval, how);
  });
}
Config RandomUniform::to_config() const { return config_with_seed("RandomUniform", options_); }

std::pair<Dim, Dim> compute_fans(const Shape& shape, const std::vector<Dim>& input_axes,
                                 const std::vector<Dim>& output_axes) {
  if (!input_axes.empty() && !output_axes.empty()) {
    Dim fan_in = 1, fan_out = 1;
    for (Dim axis : input_axes) fan_in *= shape[axis];
    for (Dim axis : output_axes) fan_out *= shape[axis];
    return {fan_in, fan_out};
  }
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {shape[0], shape[0]};
  Dim window = 1;
  for (Dim axis = 0; axis < shape.rank() - 2; ++axis) window *= shape[axis];
  return {shape[-2] * window, shape[-1] * window};
}

VarianceScaling::VarianceScaling(const Options& options) : options_(options) {
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

Config VarianceScaling::to_config() const {
  Config config{Config::Object{}};
  write_fields(options_, config);
  if (options_.distribution == Distribution::normal) config.set("distribution", "truncated_normal");
  empty_axes_are_null(config, options_);
  return member_config("VarianceScaling", std::move(config));
}

NamedVarianceScaling::NamedVarianceScaling(const char* name, double scale, FanMode mode, Distribution distribution,
                                           const SeedOptions& options)
    : VarianceScaling({.scale = scale,
                       .mode = mode,
                       .distribution = distribution,
                       .seed = options.seed,
                       .input_axes = options.input_axes,
                       .output_axes = options.output_axes}),
      name_(name) {}

Config NamedVarianceScaling::to_config() const {
  Config config{Config::Object{}};
  write_fields(SeedOptions{options_.seed, options_.input_axes, options_.output_axes}, config);
  empty_axes_are_null(config, options_);
  return member_config(name_, std::move(config));
}

GlorotUniform::GlorotUniform(const Options& options)
    : NamedVarianceScaling("GlorotUniform", 1, FanMode::fan_avg, Distribution::uniform, options) {}
GlorotNormal::GlorotNormal(const Options& options)
    : NamedVarianceScaling("GlorotNormal", 1, FanMode::fan_avg, Distribution::truncated_normal, options) {}
HeUniform::HeUniform(const Options& options)
    : NamedVarianceScaling("HeUniform", 2, FanMode::fan_in, Distribution::uniform, options) {}
HeNormal::HeNormal(const Options& options)
    : NamedVarianceScaling("HeNormal", 2, FanMode::fan_in, Distribution::truncated_normal, options) {}
LecunUniform::LecunUniform(const Options& options)
    : NamedVarianceScaling("LecunUniform", 1, FanMode::fan_in, Distribution::uniform, options) {}
LecunNormal::LecunNormal(const Options& options)
    : NamedVarianceScaling("LecunNormal", 1, FanMode::fan_in, Distribution::truncated_normal, options) {}

}  // namespace kerata::initializers
