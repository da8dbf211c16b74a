// Config: what get_config() gives, a tree of the values that JSON knows.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kerata/core/shape.h"

#pragma GCC visibility push(default)

namespace kerata {

/// null, a truth value, an integer, a number, a text, a list, or an object (ordered by insertion).
class Config {
 public:
  using List = std::vector<Config>;
  using Object = std::vector<std::pair<std::string, Config>>;
  Config() {}
  Config(std::nullptr_t) {}
  Config(bool value) : value_(value) {}
  template <std::integral T>
  Config(T value) : value_(static_cast<std::int64_t>(value)) {}
  Config(double value) : value_(value) {}
  // Not inline: the parts of a variant are much code, and configs are everywhere.
  Config(const char* value);
  Config(std::string value);
  Config(List value);
  Config(Object value);
  Config(const Config& other);
  Config(Config&& other) noexcept;
  Config& operator=(const Config& other);
  Config& operator=(Config&& other) noexcept;
  ~Config();

  bool is_null() const { return value_.index() == 0; }
  bool is_bool() const { return value_.index() == 1; }
  bool is_integer() const { return value_.index() == 2; }
  bool is_number() const { return value_.index() == 2 || value_.index() == 3; }
  bool is_text() const { return value_.index() == 4; }
  bool is_list() const { return value_.index() == 5; }
  bool is_object() const { return value_.index() == 6; }

  // Each throws ValueError when the value is of another kind.
  bool as_bool() const;
  std::int64_t as_integer() const;  // also a number without fraction
  double as_number() const;
  const std::string& as_text() const;
  const List& as_list() const;
  const Object& as_object() const;

  /// The member of an object, or null when absent.
  const Config* find(std::string_view key) const;
  /// Sets a member of an object (null becomes an object).
  void set(std::string key, Config value);
  bool operator==(const Config& other) const;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Object> value_;
};

/// JSON text on one line.
std::string to_string(const Config& config);
/// The same, cut off after 200 characters: for messages.
std::string excerpt(const Config& config);

}  // namespace kerata

#pragma GCC visibility pop
