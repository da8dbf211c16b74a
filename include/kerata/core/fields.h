// field(): the one list of an Options' fields that drives writing and reading configs.
#pragma once

#include <optional>
#include <tuple>

#include "kerata/core/any.h"
#include "kerata/core/axes.h"
#include "kerata/core/choice.h"

#pragma GCC visibility push(default)

namespace kerata {

/// A field of Options that is saved: made by field("units", &Options::units).
template <class Options, class T>
struct FieldOf {
  const char* name;
  T Options::*member;
};
template <class Options, class T>
constexpr FieldOf<Options, T> field(const char* name, T Options::*member) {
  return {name, member};
}

// One value to and from a Config; an overload per kind of field (found by argument-dependent lookup).
inline Config config_of(bool value) { return value; }
template <std::integral T>
Config config_of(T value) {
  return static_cast<std::int64_t>(value);
}
inline Config config_of(double value) { return value; }
inline Config config_of(const std::string& value) { return value.empty() ? Config() : Config(value); }
Config config_of(const Shape& value);  // unknown sizes are null; an empty shape is null
Config config_of(const Size2& value);
Config config_of(const std::vector<Dim>& value);
Config config_of(const Axes& value);
template <class Enum>
Config config_of(const Choice<Enum>& value) {
  return Config(std::string(value.name()));
}
template <class Base>
Config config_of(const Any<Base>& value) {
  return value ? value->to_config() : Config();
}

template <class T>
Config config_of(const std::optional<T>& value) {
  return value ? config_of(*value) : Config();
}

inline void read_config(const Config& from, bool& to) { to = from.as_bool(); }
template <std::integral T>
void read_config(const Config& from, T& to) {
  if (!from.is_null()) to = static_cast<T>(from.as_integer());
}
inline void read_config(const Config& from, double& to) {
  if (!from.is_null()) to = from.as_number();
}
inline void read_config(const Config& from, std::string& to) {
  if (!from.is_null()) to = from.as_text();
}
void read_config(const Config& from, Shape& to);
void read_config(const Config& from, Size2& to);
void read_config(const Config& from, std::vector<Dim>& to);
void read_config(const Config& from, Axes& to);
template <class Enum>
void read_config(const Config& from, Choice<Enum>& to) {
  to = Choice<Enum>::parse(from.as_text());
}
template <class Base>
void read_config(const Config& from, Any<Base>& to) {
  to = from.is_null() ? Any<Base>() : Any<Base>(Base::from_config(from));
}

template <class T>
void read_config(const Config& from, std::optional<T>& to) {
  to.reset();
  if (!from.is_null()) read_config(from, to.emplace());
}

template <class Options>
concept HasFields = requires {
  Options::fields();
};

/// Options -> object, in the order of Options::fields().
template <HasFields Options>
void write_fields(const Options& options, Config& config) {
  std::apply([&](const auto&... f) { (config.set(f.name, config_of(options.*f.member)), ...); }, Options::fields());
}
/// Object -> Options; absent keys keep their defaults, so that old files stay readable.
template <HasFields Options>
Options read_fields(const Config& config) {
  Options options;
  auto read = [&](const auto& f) {
    if (const Config* value = config.find(f.name)) read_config(*value, options.*f.member);
  };
  std::apply([&](const auto&... f) { (read(f), ...); }, Options::fields());
  return options;
}

}  // namespace kerata

#pragma GCC visibility pop
