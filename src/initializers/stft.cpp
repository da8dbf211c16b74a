#include <cmath>
#include <numbers>

#include "core/near_name.h"
#include "core/require.h"
#include "kerata/initializers/initializers.h"

namespace kerata {
namespace initializers {
namespace {

constexpr std::string_view kWindows[] = {"hann", "hamming", "blackman", "bartlett", "boxcar"};

/// scipy.signal.get_window: symmetric, or the first `size` values of a symmetric one of size + 1.
double window_value(std::string_view window, Dim i, Dim size, bool periodic) {
  const Dim last = periodic ? size : size - 1;
  if (last <= 0) return 1;
  const double phase = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(last);
  if (window == "hann") return 0.5 - 0.5 * std::cos(phase);
  if (window == "hamming") return 0.54 - 0.46 * std::cos(phase);
  if (window == "blackman") return 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase);
  if (window == "bartlett") return 1 - std::abs(2 * static_cast<double>(i) / static_cast<double>(last) - 1);
  return 1;
}

}  // namespace
}  // namespace initializers

Config config_of(const Choice<StftScaling>& value) {
  return value == StftScaling::none ? Config() : Config(std::string(value.name()));
}
void read_config(const Config& from, Choice<StftScaling>& to) {
  to = from.is_null() ? Choice<StftScaling>("none") : Choice<StftScaling>::parse(from.as_text());
}

namespace initializers {

Config config_of(const StftWindow& window) {
  if (window.values().empty()) return window.name().empty() ? Config() : Config(window.name());
  return Config(Config::List(window.values().begin(), window.values().end()));
}

void read_config(const Config& from, StftWindow& to) {
  if (from.is_null()) return void(to = StftWindow(""));
  if (from.is_text()) return void(to = StftWindow(from.as_text()));
  std::vector<double> values;
  for (const Config& value : from.as_list()) values.push_back(value.as_number());
  to = StftWindow(std::move(values));
}

STFT::STFT(const Options& options) : options_(options) {
  const std::string& name = options.window.name();
  bool known = name.empty();
  for (std::string_view window : kWindows) known = known || window == name;
  require<ValueError>(known, "STFT", "Unknown window '", name, "'.", known ? std::string() : name_hint(name, kWindows));
}

// kernel[t, 0, f] = cos or sin of (-2 pi t f / n), n = 2 (frequencies - 1), times the scaled window.
Tensor STFT::call(const Shape& shape, DType dtype) const {
  require<ShapeError>(shape.rank() == 3 && shape[1] == 1, "STFT",
                      "Expected a shape (window, 1, frequencies), received ", shape, '.');
  const Dim frames = shape[0], frequencies = shape[2];
  std::vector<double> window = options_.window.values();
  require<ShapeError>(window.empty() || static_cast<Dim>(window.size()) == frames, "STFT",
                      "The shape of `window` must be equal to [frame_length]. Expected ", frames, " values, received ",
                      window.size(), '.');
  const bool has_window = !window.empty() || !options_.window.name().empty();
  if (window.empty())
    for (Dim t = 0; t < frames; ++t)
      window.push_back(window_value(options_.window.name(), t, frames, options_.periodic));
  double squares = 0, sum = 0;
  for (double value : window) squares += value * value, sum += std::abs(value);
  if (has_window && options_.scaling != StftScaling::none)
    for (double& value : window) value /= options_.scaling == StftScaling::density ? std::sqrt(squares) : sum;
  std::vector<double> values;
  const double period = static_cast<double>((frequencies - 1) * 2);
  for (Dim t = 0; t < frames; ++t)
    for (Dim f = 0; f < frequencies; ++f) {
      const double angle = -2 * static_cast<double>(t) * (static_cast<double>(f) / period) * std::numbers::pi;
      const double wave = options_.side == StftSide::real ? std::cos(angle) : std::sin(angle);
      values.push_back(wave * window[static_cast<std::size_t>(t)]);
    }
  const Tensor result = Tensor::from_span<double>(values, shape);
  return dtype == DType::float64 ? result : result.cast(dtype);
}

Config STFT::get_config() const { return kerata::config_of(options_); }

}  // namespace initializers
}  // namespace kerata
