// The initializers. https://keras.io/api/layers/initializers
#pragma once

#include "kerata/core/choice.h"
#include "kerata/core/fields.h"
#include "kerata/initializers/initializer.h"

#pragma GCC visibility push(default)

namespace kerata {

enum class FanMode { fan_in, fan_out, fan_avg };
template <>
struct ChoiceNames<FanMode> {
  static constexpr std::string_view list[] = {"fan_in", "fan_out", "fan_avg"};
};
enum class Distribution { truncated_normal, untruncated_normal, uniform, normal };
template <>
struct ChoiceNames<Distribution> {
  static constexpr std::string_view list[] = {"truncated_normal", "untruncated_normal", "uniform", "normal"};
};
enum class StftSide { real, imag };
template <>
struct ChoiceNames<StftSide> {
  static constexpr std::string_view list[] = {"real", "imag"};
};
enum class StftScaling { density, spectrum, none };
template <>
struct ChoiceNames<StftScaling> {
  static constexpr std::string_view list[] = {"density", "spectrum", "none"};
};

// Keras writes "none" as null.
Config config_of(const Choice<StftScaling>& value);
void read_config(const Config& from, Choice<StftScaling>& to);

namespace initializers {

/// What Keras 2 wrote as well: the dtype is the weight's.
inline constexpr KerasKey kOldKeys[] = {{"dtype", KerasKey::ignored}};

/// A seed of -1 everywhere: the next numbers of the global seed's stream. A given seed gives the same values each time.
class Zeros final : public Initializer {
 public:
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;
};
class Ones final : public Initializer {
 public:
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;
};
class Constant final : public Initializer {
 public:
  explicit Constant(double value = 0) : value_(value) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  double value_;
};
/// gain times the identity matrix; shapes of rank 2 only.
class Identity final : public Initializer {
 public:
  explicit Identity(double gain = 1) : gain_(gain) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  double gain_;
};

class RandomNormal final : public Initializer {
 public:
  struct Options {
    double mean = 0;
    double stddev = 0.05;
    std::int64_t seed = -1;
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("mean", &Options::mean), field("stddev", &Options::stddev),
                        field("seed", &Options::seed, Saved::as_seed)};
    }
  };
  RandomNormal() : RandomNormal(Options{}) {}
  explicit RandomNormal(const Options& options) : options_(options) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  Options options_;
};
/// Normal, values beyond two standard deviations drawn again.
class TruncatedNormal final : public Initializer {
 public:
  using Options = RandomNormal::Options;
  TruncatedNormal() : TruncatedNormal(Options{}) {}
  explicit TruncatedNormal(const Options& options) : options_(options) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  Options options_;
};
class RandomUniform final : public Initializer {
 public:
  struct Options {
    double minval = -0.05;
    double maxval = 0.05;
    std::int64_t seed = -1;
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("minval", &Options::minval), field("maxval", &Options::maxval),
                        field("seed", &Options::seed, Saved::as_seed)};
    }
  };
  RandomUniform() : RandomUniform(Options{}) {}
  explicit RandomUniform(const Options& options) : options_(options) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  Options options_;
};

/// Variance scale / n, n the number of inputs, outputs, or their average. Throws ValueError unless scale > 0.
class VarianceScaling : public Initializer {
 public:
  struct Options {
    double scale = 1;
    Choice<FanMode> mode = "fan_in";
    Choice<Distribution> distribution = "truncated_normal";
    std::int64_t seed = -1;
    std::vector<Dim> input_axes = {};  // with output_axes: the axes whose sizes make up the fans
    std::vector<Dim> output_axes = {};
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("scale", &Options::scale),
                        field("mode", &Options::mode),
                        field("distribution", &Options::distribution),
                        field("seed", &Options::seed, Saved::as_seed),
                        field("input_axes", &Options::input_axes),
                        field("output_axes", &Options::output_axes)};
    }
  };
  VarianceScaling() : VarianceScaling(Options{}) {}
  explicit VarianceScaling(const Options& options);
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 protected:
  Options options_;
};
/// Seeds of GlorotUniform and its like.
struct SeedOptions {
  std::int64_t seed = -1;
  std::vector<Dim> input_axes = {};
  std::vector<Dim> output_axes = {};
  static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
  static constexpr auto fields() {
    return std::tuple{field("seed", &SeedOptions::seed, Saved::as_seed), field("input_axes", &SeedOptions::input_axes),
                      field("output_axes", &SeedOptions::output_axes)};
  }
};
/// A VarianceScaling with a fixed scale, mode and distribution.
class NamedVarianceScaling : public VarianceScaling {
 public:
  Config get_config() const override;

 protected:
  NamedVarianceScaling(double scale, FanMode mode, Distribution distribution, const SeedOptions& options);
};
/// Uniform in +-sqrt(6 / (fan_in + fan_out)). Glorot and Bengio 2010.
class GlorotUniform final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit GlorotUniform(const Options& options = {});
};
/// Truncated normal, stddev sqrt(2 / (fan_in + fan_out)).
class GlorotNormal final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit GlorotNormal(const Options& options = {});
};
/// Uniform in +-sqrt(6 / fan_in). He et al. 2015.
class HeUniform final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit HeUniform(const Options& options = {});
};
/// Truncated normal, stddev sqrt(2 / fan_in).
class HeNormal final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit HeNormal(const Options& options = {});
};
/// Uniform in +-sqrt(3 / fan_in). LeCun et al. 1998.
class LecunUniform final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit LecunUniform(const Options& options = {});
};
/// Truncated normal, stddev sqrt(1 / fan_in).
class LecunNormal final : public NamedVarianceScaling {
 public:
  using Options = SeedOptions;
  explicit LecunNormal(const Options& options = {});
};

/// gain times a random orthogonal matrix of shape (product of all axes but the last, last). Rank 2 or more.
/// Saxe et al. 2014.
class Orthogonal final : public Initializer {
 public:
  struct Options {
    double gain = 1;
    std::int64_t seed = -1;
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("gain", &Options::gain), field("seed", &Options::seed, Saved::as_seed)};
    }
  };
  Orthogonal() : Orthogonal(Options{}) {}
  explicit Orthogonal(const Options& options) : options_(options) {}
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  Options options_;
};

/// "hann", "hamming", "blackman", "bartlett", "boxcar", "" for none, or the window's values.
class StftWindow {
 public:
  StftWindow(const char* name) : name_(name) {}
  StftWindow(std::string name) : name_(std::move(name)) {}
  StftWindow(std::vector<double> values) : values_(std::move(values)) {}
  const std::string& name() const { return name_; }
  const std::vector<double>& values() const { return values_; }

 private:
  std::string name_;
  std::vector<double> values_;
};
Config config_of(const StftWindow& window);
void read_config(const Config& from, StftWindow& to);

/// Kernel of a short-time Fourier transform, shape (window, 1, frequencies): cosines or sines, times the scaled window.
/// Throws ValueError for an unknown window, ShapeError when its values do not fit.
class STFT final : public Initializer {
 public:
  struct Options {
    Choice<StftSide> side = "real";
    StftWindow window = "hann";
    Choice<StftScaling> scaling = "density";
    bool periodic = false;
    static constexpr auto fields() {
      return std::tuple{field("side", &Options::side), field("window", &Options::window),
                        field("scaling", &Options::scaling), field("periodic", &Options::periodic)};
    }
  };
  STFT() : STFT(Options{}) {}
  explicit STFT(const Options& options);
  Tensor call(const Shape& shape, DType dtype) const override;
  Config get_config() const override;

 private:
  Options options_;
};

/// The numbers of inputs and outputs of a weight of this shape, as Keras's compute_fans.
std::pair<Dim, Dim> compute_fans(const Shape& shape, const std::vector<Dim>& input_axes = {},
                                 const std::vector<Dim>& output_axes = {});

}  // namespace initializers
}  // namespace kerata

#pragma GCC visibility pop
