#include "kerata/core/config.h"

#include <limits>

#include "core/require.h"

namespace kerata {
namespace {

[[noreturn]] void wrong_kind(const char* expected, const Config& config) {
  fail<ValueError>("Config", "Expected ", expected, ", received ", excerpt(config), '.');
}

void write_text(std::string& out, const std::string& text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      (out += "\\u00") += {"0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
    else
      out += c;
  }
  out += '"';
}

/// Stops soon after `limit` characters.
void write(std::string& out, const Config& config, std::size_t limit) {
  if (out.size() > limit) return;
  if (config.is_null())
    out += "null";
  else if (config.is_bool())
    append(out, config.as_bool());
  else if (config.is_integer())
    append(out, config.as_integer());
  else if (config.is_number())
    append(out, config.as_number());
  else if (config.is_text())
    write_text(out, config.as_text());
  else if (config.is_list()) {
    out += '[';
    for (std::size_t i = 0; i < config.as_list().size() && out.size() <= limit; ++i) {
      if (i) out += ", ";
      write(out, config.as_list()[i], limit);
    }
    out += ']';
  } else {
    out += '{';
    for (std::size_t i = 0; i < config.as_object().size() && out.size() <= limit; ++i) {
      if (i) out += ", ";
      write_text(out, config.as_object()[i].first);
      out += ": ";
      write(out, config.as_object()[i].second, limit);
    }
    out += '}';
  }
}

}  // namespace

Config::Config(const char* value) : value_(std::string(value)) {}
Config::Config(std::string value) : value_(std::move(value)) {}
Config::Config(List value) : value_(std::move(value)) {}
Config::Config(Object value) : value_(std::move(value)) {}
Config::Config(const Config& other) = default;
Config::Config(Config&& other) noexcept = default;
Config& Config::operator=(const Config& other) = default;
Config& Config::operator=(Config&& other) noexcept = default;
Config::~Config() = default;
bool Config::operator==(const Config& other) const { return value_ == other.value_; }

bool Config::as_bool() const {
  if (!is_bool()) wrong_kind("true or false", *this);
  return std::get<bool>(value_);
}

std::int64_t Config::as_integer() const {
  if (is_integer()) return std::get<std::int64_t>(value_);
  if (!is_number()) wrong_kind("an integer", *this);
  const double number = std::get<double>(value_);
  if (!(number >= -0x1p53 && number <= 0x1p53) || number != static_cast<double>(static_cast<std::int64_t>(number)))
    wrong_kind("an integer", *this);
  return static_cast<std::int64_t>(number);
}

double Config::as_number() const {
  if (is_integer()) return static_cast<double>(std::get<std::int64_t>(value_));
  if (!is_number()) wrong_kind("a number", *this);
  return std::get<double>(value_);
}

const std::string& Config::as_text() const {
  if (!is_text()) wrong_kind("a text", *this);
  return std::get<std::string>(value_);
}

const Config::List& Config::as_list() const {
  if (!is_list()) wrong_kind("a list", *this);
  return std::get<List>(value_);
}

const Config::Object& Config::as_object() const {
  if (!is_object()) wrong_kind("an object", *this);
  return std::get<Object>(value_);
}

const Config* Config::find(std::string_view key) const {
  for (const auto& [name, value] : as_object())
    if (name == key) return &value;
  return nullptr;
}

void Config::set(std::string key, Config value) {
  if (is_null()) value_ = Object{};
  if (!is_object()) wrong_kind("an object", *this);
  Object& object = std::get<Object>(value_);
  for (auto& [name, old] : object)
    if (name == key) return void(old = std::move(value));
  object.emplace_back(std::move(key), std::move(value));
}

std::string to_string(const Config& config) {
  std::string text;
  write(text, config, std::numeric_limits<std::size_t>::max());
  return text;
}

std::string excerpt(const Config& config) {
  constexpr std::size_t kLimit = 200;
  std::string text;
  write(text, config, kLimit);
  if (text.size() > kLimit) text.replace(kLimit, std::string::npos, "...");
  return text;
}

}  // namespace kerata
