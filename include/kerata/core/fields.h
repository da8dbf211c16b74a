// field(): the one list of an Options' fields that drives writing and reading configs.
#pragma once

#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "kerata/core/any.h"
#include "kerata/core/axes.h"
#include "kerata/core/choice.h"
#include "kerata/core/dtype_policy.h"

#pragma GCC visibility push(default)

namespace kerata {

/// How a field stands in a config: always; only when it differs from its default, for what Keras leaves out then or
/// does not save at all; as a seed, null when negative.
enum class Saved { always, if_changed, as_seed };

/// A field of Options that is saved: made by field("units", &Options::units).
template <class Options, class T>
struct FieldOf {
  const char* name;
  T Options::*member;
  Saved saved;
};
template <class Options, class T>
constexpr FieldOf<Options, T> field(const char* name, T Options::*member, Saved saved = Saved::always) {
  return {name, member, saved};
}

/// A key of Keras's configs that has no field here, listed in an Options' kKerasKeys. It is written when this version
/// of Keras writes it (then always as null), and read when its value changes nothing.
struct KerasKey {
  enum Kind {
    written,      // written; read when null
    may_be_null,  // of another version of Keras: read when null
    may_be_no,    // read when null or false
    ignored       // read whatever it is
  };
  const char* name;
  Kind kind;
};

// One value to and from a Config; an overload per kind of field (found by argument-dependent lookup). Reading throws
// ValueError for a value of the wrong kind or out of the type's range.
inline Config config_of(bool value) { return value; }
template <std::integral T>
Config config_of(T value) {
  return static_cast<std::int64_t>(value);
}
inline Config config_of(double value) { return value; }
inline Config config_of(const std::string& value) { return value.empty() ? Config() : Config(value); }
Config config_of(const Shape& value);  // unknown sizes are null; an empty shape is null
Config config_of(const Size2& value);
Config config_of(const std::vector<Dim>& value);  // none: null
Config config_of(const Axes& value);
Config config_of(const Choice<DType>& value);  // Keras's DTypePolicy object
Config config_of(const DTypePolicy& value);
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

void read_config(const Config& from, bool& to);
void read_config(const Config& from, double& to);  // not NaN
namespace detail {
[[noreturn]] void fail_out_of_range(const Config& from);
}
template <std::integral T>
void read_config(const Config& from, T& to) {
  if (from.is_null()) return;
  const std::int64_t value = from.as_integer();
  if (!std::in_range<T>(value)) detail::fail_out_of_range(from);
  to = static_cast<T>(value);
}
inline void read_config(const Config& from, std::string& to) {
  if (!from.is_null()) to = from.as_text();
}
void read_config(const Config& from, Shape& to);
void read_config(const Config& from, Size2& to);
void read_config(const Config& from, std::vector<Dim>& to);
void read_config(const Config& from, Axes& to);
void read_config(const Config& from, Choice<DType>& to);  // a name or a policy object
void read_config(const Config& from, DTypePolicy& to);
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

namespace detail {

using ReadValue = void (*)(const Config& from, void* to);
template <class T>
void read_value(const Config& from, void* to) {
  read_config(from, *static_cast<T*>(to));
}
/// Null, a number, or a seed generator's config.
void read_seed(const Config& from, void* to);
/// Reads the value under `key` if there is one; "[owner] key: " is put before errors.
void read_key(const Config& config, const char* key, std::string_view owner, ReadValue read, void* to);
/// Throws ValueError for a key that is neither in `known` nor harmless by `keras_keys`.
void check_keys(const Config& config, std::string_view owner, std::span<const char* const> known,
                std::span<const KerasKey> keras_keys);

template <class Options>
std::span<const KerasKey> keras_keys() {
  if constexpr (requires { Options::kKerasKeys; })
    return Options::kKerasKeys;
  else
    return {};
}

template <class Options, class T>
void write_field(const Options& options, const FieldOf<Options, T>& f, Config& config) {
  Config value = config_of(options.*f.member);
  if (f.saved == Saved::if_changed && value == config_of(Options{}.*f.member)) return;
  if constexpr (std::signed_integral<T>)
    if (f.saved == Saved::as_seed && options.*f.member < 0) value = nullptr;
  config.set(f.name, std::move(value));
}
template <class Options, class T>
void read_field(const Config& config, std::string_view owner, const FieldOf<Options, T>& f, Options& options) {
  read_key(config, f.name, owner, f.saved == Saved::as_seed ? &read_seed : &read_value<T>, &(options.*f.member));
}

}  // namespace detail

/// Options -> object, in the order of Options::fields(), then what Keras alone writes.
template <HasFields Options>
void write_fields(const Options& options, Config& config) {
  std::apply([&](const auto&... f) { (detail::write_field(options, f, config), ...); }, Options::fields());
  for (const KerasKey& key : detail::keras_keys<Options>())
    if (key.kind == KerasKey::written) config.set(key.name, nullptr);
}
template <HasFields Options>
Config config_of(const Options& options) {
  Config config{Config::Object{}};
  write_fields(options, config);
  return config;
}

/// Object -> Options; absent keys keep their defaults, so that old files stay readable. Throws ValueError naming
/// `owner` (a class) and the key for a value that cannot be read and for a key that is neither a field, nor one of
/// `others`, nor one of the Options' kKerasKeys with a harmless value.
template <HasFields Options>
Options read_fields(const Config& config, std::string_view owner, std::span<const char* const> others = {}) {
  Options options{};
  std::apply(
      [&](const auto&... f) {
        std::vector<const char*> known{f.name...};
        known.insert(known.end(), others.begin(), others.end());
        detail::check_keys(config, owner, known, detail::keras_keys<Options>());
        (detail::read_field(config, owner, f, options), ...);
      },
      Options::fields());
  return options;
}

}  // namespace kerata

#pragma GCC visibility pop
