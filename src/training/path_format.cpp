#include "training/path_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/require.h"

namespace kerata::training {
namespace {

constexpr std::string_view kAlignments = "<>=^", kSigns = "+- ", kTypes = "deEfFgG%";
constexpr int kWidest = 255, kMostDigits = 100;

bool is_in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// Not printf: a locale may have a decimal comma.
std::string digits(double value, std::chars_format format, int precision) {
  std::string text(400 + static_cast<std::size_t>(precision), '\0');
  text.resize(static_cast<std::size_t>(
      std::to_chars(text.data(), text.data() + text.size(), value, format, precision).ptr - text.data()));
  return text;
}

/// The power of ten of the first of `count` rounded digits.
int exponent_of(double value, int count) {
  const std::string text = digits(value, std::chars_format::scientific, count - 1);
  return std::stoi(text.substr(text.find('e') + 1));
}

/// Python's repr(): the fewest digits that read back, in plain form from 0.0001 to below 1e16.
std::string shortest(double value) {
  char buffer[32];
  const auto format =
      value == 0 || (value >= 1e-4 && value < 1e16) ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

/// No type, but a precision: as g, with at least one digit behind the point, and earlier with an exponent.
std::string general_with_point(double value, int precision) {
  precision = std::max(precision, 1);
  const int exponent = exponent_of(value, precision);
  std::string text = digits(value, std::chars_format::general, precision);
  if (exponent < -4 || exponent >= precision) return text;
  if (exponent == precision - 1) {
    text = digits(value, std::chars_format::scientific, precision - 1);
    const std::size_t end = text.find('e');
    std::string mantissa = text.substr(0, end);
    if (mantissa.find('.') != std::string::npos) mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.ends_with('.')) mantissa.pop_back();
    return mantissa + text.substr(end);
  }
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string magnitude(const NumberFormat& format, double value) {
  if (std::isnan(value)) return format.type == '%' ? "nan%" : "nan";
  if (std::isinf(value)) return format.type == '%' ? "inf%" : "inf";
  const int precision = format.precision < 0 ? 6 : format.precision;
  switch (format.type) {
    case 0:
      return format.precision < 0 ? shortest(value) : general_with_point(value, format.precision);
    case 'e':
    case 'E':
      return digits(value, std::chars_format::scientific, precision);
    case 'g':
    case 'G':
      return digits(value, std::chars_format::general, std::max(precision, 1));
    case '%':
      return digits(value * 100, std::chars_format::fixed, precision) + "%";
    default:
      return digits(value, std::chars_format::fixed, precision);
  }
}

std::string padded(const NumberFormat& format, bool is_negative, const std::string& text) {
  std::string sign;
  if (is_negative)
    sign = "-";
  else if (format.sign != '-')
    sign = format.sign;
  const std::size_t used = sign.size() + text.size(), width = static_cast<std::size_t>(format.width);
  const std::size_t missing = width > used ? width - used : 0;
  if (format.align == '=') return sign + std::string(missing, format.fill) + text;
  const std::size_t left = format.align == '<' ? 0 : format.align == '^' ? missing / 2 : missing;
  return std::string(left, format.fill) + sign + text + std::string(missing - left, format.fill);
}

/// A number at the beginning of `text`, cut off from it; -1 when there is none or it is above `most`.
int take_number(std::string_view& text, int most) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

NumberFormat parse_number_format(std::string_view text, std::string_view where) {
  const std::string whole(text);
  const auto check = [&](bool ok) {
    require<ValueError>(ok, where, "Invalid format specifier \"", whole,
                        "\". Expected one of Python's for numbers, as 02d or .2f.");
  };
  NumberFormat format;
  bool aligned = false, filled = false;
  if (text.size() > 1 && is_in(kAlignments, text[1])) {
    format.fill = text[0];
    format.align = text[1];
    aligned = filled = true;
    text.remove_prefix(2);
  } else if (!text.empty() && is_in(kAlignments, text[0])) {
    format.align = text[0];
    aligned = true;
    text.remove_prefix(1);
  }
  const auto take = [&](std::string_view set) {
    if (text.empty() || !is_in(set, text[0])) return '\0';
    const char c = text[0];
    text.remove_prefix(1);
    return c;
  };
  if (const char sign = take(kSigns)) format.sign = sign;
  if (!text.empty() && text[0] == '0') {
    if (!filled) format.fill = '0';
    if (!aligned) format.align = '=';
  }
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') check((format.width = take_number(text, kWidest)) >= 0);
  if (take(".")) check((format.precision = take_number(text, kMostDigits)) >= 0);
  format.type = take(kTypes);
  check(text.empty());
  return format;
}

std::string format_integer(const NumberFormat& format, long long value, std::string_view where) {
  if (format.type != 0 && format.type != 'd') return format_number(format, static_cast<double>(value), where);
  require<ValueError>(format.precision < 0, where, "Precision not allowed in integer format specifier.");
  return padded(format, value < 0, std::to_string(std::abs(value)));
}

std::string format_number(const NumberFormat& format, double value, std::string_view where) {
  require<ValueError>(format.type != 'd', where,
                      "Unknown format code 'd' for a number with a fraction. Expected .2f, .3e and the like.");
  std::string text = magnitude(format, std::abs(value));
  if (is_in("EFG", format.type))
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return padded(format, std::signbit(value) && !std::isnan(value), text);
}

PathFormat::PathFormat(std::string_view text, std::string_view where) : text_(text), where_(where) {
  std::string literal;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c != '{' && c != '}') {
      literal += c;
    } else if (i + 1 < text_.size() && text_[i + 1] == c) {
      literal += c;
      ++i;
    } else {
      const std::size_t end = c == '{' ? text_.find('}', i) : std::string::npos;
      require<ValueError>(end != std::string::npos, where_, "The path \"", text_, "\" has a single ", c,
                          ". Hint: double it, unless it belongs to a field as {epoch}.");
      Part part = read_field(std::string_view(text_).substr(i + 1, end - i - 1));
      part.literal = std::move(literal);
      literal.clear();
      parts_.push_back(std::move(part));
      i = end;
    }
  }
  parts_.push_back({std::move(literal), {}, {}});
}

PathFormat::Part PathFormat::read_field(std::string_view field) const {
  const std::size_t colon = std::min(field.find(':'), field.size());
  const std::string_view name = field.substr(0, colon);
  require<ValueError>(!name.empty() && name.find_first_of("{!.[]") == std::string_view::npos, where_, "The path \"",
                      text_, "\" has a field {", std::string(field),
                      "}. Expected the name of a figure, as {val_loss:.2f}.");
  Part part{{}, std::string(name), {}};
  if (colon < field.size()) part.format = parse_number_format(field.substr(colon + 1), where_);
  return part;
}

std::string PathFormat::literals() const {
  std::string text;
  for (const Part& part : parts_) text += part.literal;
  return text;
}

std::string PathFormat::fill(int epoch, std::optional<int> batch, const Logs& logs) const {
  std::string text;
  for (const Part& part : parts_) {
    text += part.literal;
    if (part.name.empty()) continue;
    if (part.name == "epoch") {
      text += format_integer(part.format, epoch, where_);
    } else if (part.name == "batch" && batch) {
      text += format_integer(part.format, *batch, where_);
    } else {
      std::string known = "epoch";
      for (const auto& [name, value] : logs) known += ", " + name;
      require<ValueError>(logs.contains(part.name), where_, "Failed to format this callback filepath: \"", text_,
                          "\". Reason: there is no '", part.name, "'. Expected one of: ", known, ".");
      text += format_number(part.format, logs[part.name], where_);
    }
  }
  return text;
}

}  // namespace kerata::training
