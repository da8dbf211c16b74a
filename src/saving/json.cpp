// Reading JSON. A parser of our own, since Python's NaN and Infinity are no JSON to any library.
#include "saving/json.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/require.h"

namespace kerata::saving {
namespace {

constexpr int kMostLevels = 200;
constexpr std::size_t kMostValues = 4'000'000;  // about 300 MB of Config at the worst

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Config document() {
    Config result = value(0);
    skip_space();
    if (at_ < text_.size()) refuse("Something follows the end of the document.");
    return result;
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    fail<ValueError>(where_, "This is no valid JSON: line ", line, ", column ", at_ - start + 1, ": ", what);
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Config value(int level) {
    skip_space();
    if (level > kMostLevels) refuse("More than 200 levels of lists and objects.");
    if (++values_ > kMostValues) refuse("More than 4 million values.");
    if (at_ >= text_.size()) refuse("The text ends where a value is expected.");
    switch (text_[at_]) {
      case '{':
        return object(level);
      case '[':
        return list(level);
      case '"':
        return Config(string());
      default:
        return word_or_number();
    }
  }

  Config word_or_number() {
    if (take("null")) return {};
    if (take("true")) return true;
    if (take("false")) return false;
    if (take("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (take("Infinity")) return std::numeric_limits<double>::infinity();
    if (take("-Infinity")) return -std::numeric_limits<double>::infinity();
    return number();
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  std::size_t digits(std::size_t at) const {
    while (is_digit(peek(at))) ++at;
    return at;
  }

  Config number() {
    std::size_t end = at_ + (peek(at_) == '-');
    const std::size_t first = end;
    end = digits(end);
    if (end == first) refuse("Expected a value.");
    if (peek(first) == '0' && end > first + 1) refuse("A number begins with 0.");
    bool is_integer = true;
    if (peek(end) == '.') {
      is_integer = false;
      const std::size_t fraction = end + 1;
      end = digits(fraction);
      if (end == fraction) refuse("A number ends in a point.");
    }
    if (peek(end) == 'e' || peek(end) == 'E') {
      is_integer = false;
      ++end;
      if (peek(end) == '+' || peek(end) == '-') ++end;
      const std::size_t exponent = end;
      end = digits(exponent);
      if (end == exponent) refuse("A number has no exponent after its e.");
    }
    const char* const from = text_.data() + at_;
    const char* const to = text_.data() + end;
    if (std::int64_t whole = 0; is_integer && std::from_chars(from, to, whole).ec == std::errc()) {
      at_ = end;
      return whole;
    }
    double result = 0;
    if (std::from_chars(from, to, result).ec != std::errc()) refuse("A number is outside of the range of float64.");
    at_ = end;
    return result;
  }

  Config list(int level) {
    Config::List result;
    ++at_;
    skip_space();
    if (take(']')) return result;
    for (;;) {
      result.push_back(value(level + 1));
      skip_space();
      if (take(']')) return result;
      if (!take(',')) refuse("Expected ',' or ']'.");
    }
  }

  Config object(int level) {
    Config::Object result;
    ++at_;
    skip_space();
    if (take('}')) return result;
    for (;;) {
      skip_space();
      if (peek(at_) != '"') refuse("Expected a key in quotes.");
      std::string key = string();
      skip_space();
      if (!take(':')) refuse("Expected ':' after a key.");
      result.emplace_back(std::move(key), value(level + 1));
      skip_space();
      if (take('}')) break;
      if (!take(',')) refuse("Expected ',' or '}'.");
    }
    refuse_equal_keys(result);
    return result;
  }

  void refuse_equal_keys(const Config::Object& object) const {
    std::vector<std::string_view> keys;
    for (const auto& member : object) keys.push_back(member.first);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) refuse(join_text("The key \"", *twice, "\" stands twice in the object that ends here."));
  }

  std::string string() {
    ++at_;
    std::string result;
    for (;;) {
      if (at_ >= text_.size()) refuse("A text has no end.");
      const char c = text_[at_];
      if (c == '"') return ++at_, result;
      if (static_cast<unsigned char>(c) < 0x20) refuse("A control character stands in a text.");
      if (c == '\\') {
        ++at_;
        escape(result);
      } else if (static_cast<unsigned char>(c) < 0x80) {
        result += c;
        ++at_;
      } else {
        const std::size_t size = utf8_size();
        result.append(text_, at_, size);
        at_ += size;
      }
    }
  }

  /// Bytes of the UTF-8 character here, which must be a valid one.
  std::size_t utf8_size() const {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(peek(at_ + i)); };
    const unsigned first = byte(0);
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    bool valid = first >= 0xc2 && first <= 0xf4;
    for (std::size_t i = 1; i < size; ++i) valid = valid && (byte(i) & 0xc0) == 0x80;
    if (first == 0xe0) valid = valid && byte(1) >= 0xa0;
    if (first == 0xed) valid = valid && byte(1) < 0xa0;
    if (first == 0xf0) valid = valid && byte(1) >= 0x90;
    if (first == 0xf4) valid = valid && byte(1) < 0x90;
    if (!valid) refuse("A text is no valid UTF-8.");
    return size;
  }

  void escape(std::string& result) {
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    const char c = peek(at_);
    if (c == 'u') {
      ++at_;
      return append_character(result, code_point());
    }
    const std::size_t which = c ? kFrom.find(c) : std::string_view::npos;
    if (which == std::string_view::npos) refuse("Unknown escape in a text.");
    result += kTo[which];
    ++at_;
  }

  std::uint32_t four_digits() {
    std::uint32_t code = 0;
    const char* const from = text_.data() + at_;
    const char* const to = from + std::min<std::size_t>(4, text_.size() - at_);
    const auto [end, error] = std::from_chars(from, to, code, 16);
    if (error != std::errc() || end != from + 4) refuse("Expected four hexadecimal digits after \\u.");
    at_ += 4;
    return code;
  }

  std::uint32_t code_point() {
    const std::uint32_t high = four_digits();
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || !take("\\u")) refuse("Half of a surrogate pair stands alone.");
    const std::uint32_t low = four_digits();
    if (low < 0xdc00 || low > 0xdfff) refuse("Half of a surrogate pair stands alone.");
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }

  static void append_character(std::string& text, std::uint32_t code) {
    auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      text += static_cast<char>(0xe0 | (code >> 12));
      tail(6), tail(0);
    } else {
      text += static_cast<char>(0xf0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Config parse_json(std::string_view text, const std::string& where) { return Parser(text, where).document(); }

}  // namespace kerata::saving
