// Writing JSON as Python's json.dumps() does.
#include <charconv>
#include <cmath>
#include <cstdint>

#include "core/require.h"
#include "saving/json.h"

namespace kerata::saving {
namespace {

/// Python's repr of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
void append_float(std::string& out, double value) {
  if (std::isnan(value)) return void(out += "NaN");
  if (std::isinf(value)) return void(out += value < 0 ? "-Infinity" : "Infinity");
  char buffer[40];
  char* const end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::size_t sign = text[e + 1] == '+' ? 1 : 0;
  std::from_chars(buffer + e + 1 + sign, end, exponent);
  if (exponent < -4 || exponent >= 16) return void(out += text);
  char fixed[64];
  char* const stop = std::to_chars(fixed, fixed + sizeof fixed, value, std::chars_format::fixed).ptr;
  const std::string_view plain(fixed, static_cast<std::size_t>(stop - fixed));
  out += plain;
  if (plain.find('.') == std::string_view::npos) out += ".0";
}

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[(unit >> shift) & 15];
}

/// The code point of the UTF-8 character at `at`, which moves behind it. Throws ValueError for bytes that are none.
std::uint32_t next_character(const std::string& text, std::size_t& at) {
  constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};  // that needs so many further bytes
  const std::size_t begin = at;
  const auto first = static_cast<unsigned char>(text[at++]);
  const unsigned more = first >= 0xf8 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  std::uint32_t code = first & (0x3fu >> more);
  unsigned found = 0;
  for (; found < more && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; ++found)
    code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3f);
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  require<ValueError>(more > 0 && found == more && code >= kLeast[more] && code <= 0x10ffff && !is_surrogate, "JSON",
                      "A text is not UTF-8, from byte ", begin, " on: \"", text, "\". Hint: give names in UTF-8.");
  return code;
}

void append_text(std::string& out, const std::string& text) {
  constexpr std::string_view kFrom = "\"\\\b\f\n\r\t", kTo = "\"\\bfnrt";
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (const std::size_t which = kFrom.find(c); which != std::string_view::npos) {
      out += '\\';
      out += kTo[which];
      ++at;
    } else if (c >= 0x20 && c < 0x7f) {
      out += c;
      ++at;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      append_unit(out, static_cast<std::uint32_t>(text[at++]));
    } else {
      const std::uint32_t code = next_character(text, at);
      if (code >= 0x10000) append_unit(out, 0xd800 + ((code - 0x10000) >> 10));
      append_unit(out, code >= 0x10000 ? 0xdc00 + (code & 0x3ff) : code);
    }
  }
  out += '"';
}

void append_value(std::string& out, const Config& config) {
  if (config.is_null()) {
    out += "null";
  } else if (config.is_bool()) {
    out += config.as_bool() ? "true" : "false";
  } else if (config.is_integer()) {
    out += std::to_string(config.as_integer());
  } else if (config.is_number()) {
    append_float(out, config.as_number());
  } else if (config.is_text()) {
    append_text(out, config.as_text());
  } else if (config.is_list()) {
    out += '[';
    const char* separator = "";
    for (const Config& element : config.as_list()) {
      out += separator;
      append_value(out, element);
      separator = ", ";
    }
    out += ']';
  } else {
    out += '{';
    const char* separator = "";
    for (const auto& [key, value] : config.as_object()) {
      out += separator;
      append_text(out, key);
      out += ": ";
      append_value(out, value);
      separator = ", ";
    }
    out += '}';
  }
}

}  // namespace

std::string to_json(const Config& config) {
  std::string out;
  append_value(out, config);
  return out;
}

}  // namespace kerata::saving
