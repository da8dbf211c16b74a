// Printing as NumPy does: precision 8, aligned columns, lines of 75 characters, "..." beyond 1000 elements.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>
#include <type_traits>

#include "graph/node.h"
#include "kerata/graph/variable.h"

namespace kerata {
namespace {

constexpr Dim kThreshold = 1000, kEdge = 3;
constexpr std::size_t kLineWidth = 75;
constexpr int kPrecision = 8;

/// Digits of one number: "1.25" as "1", "25"; with an exponent "e-05".
struct Digits {
  std::string whole, fraction, exponent;
};

Digits split_digits(const std::string& text) {
  Digits result;
  const std::size_t e = text.find('e');
  if (e != std::string::npos) result.exponent = text.substr(e);
  const std::string mantissa = text.substr(0, e);
  const std::size_t dot = mantissa.find('.');
  result.whole = mantissa.substr(0, dot);
  if (dot != std::string::npos) result.fraction = mantissa.substr(dot + 1);
  return result;
}

/// The shortest text that reads back, with at most 8 digits after the point.
template <class T>
std::string shortest(T value, std::chars_format format) {
  char text[512];
  std::string unique(text, std::to_chars(text, text + sizeof text, value, format).ptr);
  if (split_digits(unique).fraction.size() <= kPrecision) return unique;
  unique.assign(text, std::to_chars(text, text + sizeof text, value, format, kPrecision).ptr);
  const Digits digits = split_digits(unique);
  std::string fraction = digits.fraction;
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return digits.whole + (fraction.empty() ? "" : "." + fraction) + digits.exponent;
}

/// The elements that are shown, by NumPy's corner rule, and how each looks.
class Format {
 public:
  void see(double value, bool is_single) {
    if (!std::isfinite(value)) return note_special(value);
    const double size = std::fabs(value);
    if (size != 0) {
      largest_ = std::max(largest_, size);
      smallest_ = std::min(smallest_, size);
    }
    is_single_ = is_single;
    values_.push_back(value);
  }

  /// After all were seen.
  void settle() {
    if (is_single_)
      scientific_ = is_spread(static_cast<float>(largest_), static_cast<float>(smallest_));
    else
      scientific_ = is_spread(largest_, smallest_);
    for (double value : values_) {
      const Digits digits = split_digits(text_of(value));
      whole_ = std::max(whole_, digits.whole.size());
      fraction_ = std::max(fraction_, digits.fraction.size());
      exponent_ = std::max(exponent_, digits.exponent.size());
    }
    const std::size_t finite = values_.empty() ? 0 : whole_ + 1 + fraction_ + exponent_;
    if (special_ > finite) whole_ += special_ - finite;
    width_ = std::max(finite, special_);
  }

  std::string operator()(double value) const {
    if (!std::isfinite(value)) return padded(std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    const Digits digits = split_digits(scientific_ ? aligned(value) : text_of(value));
    std::string text(whole_ - std::min(whole_, digits.whole.size()), ' ');
    text += digits.whole + '.' + digits.fraction;
    const std::string fill(fraction_ - std::min(fraction_, digits.fraction.size()), ' ');
    return text + fill + digits.exponent;
  }

 private:
  /// NumPy's rule, done in the tensor's own precision.
  template <class T>
  static bool is_spread(T largest, T smallest) {
    constexpr T kWide = std::is_same_v<T, float> ? T(1e6) : T(1e8);
    return largest > 0 && (largest >= kWide || smallest < T(1e-4) || largest / smallest > T(1000));
  }
  void note_special(double value) { special_ = std::max<std::size_t>(special_, value < 0 ? 4 : 3); }
  std::string padded(const std::string& text) const {
    return std::string(width_ - std::min(width_, text.size()), ' ') + text;
  }
  /// As many digits as the longest has; those of the number, not zeros.
  std::string aligned(double value) const {
    char text[512];
    const auto format = std::chars_format::scientific;
    const int digits = static_cast<int>(fraction_);
    const auto end = is_single_ ? std::to_chars(text, text + sizeof text, static_cast<float>(value), format, digits)
                                : std::to_chars(text, text + sizeof text, value, format, digits);
    return {text, end.ptr};
  }
  std::string text_of(double value) const {
    const auto format = scientific_ ? std::chars_format::scientific : std::chars_format::fixed;
    return is_single_ ? shortest(static_cast<float>(value), format) : shortest(value, format);
  }

  std::vector<double> values_;
  double largest_ = 0, smallest_ = INFINITY;
  std::size_t whole_ = 0, fraction_ = 0, exponent_ = 0, special_ = 0, width_ = 0;
  bool scientific_ = false, is_single_ = true;
};

/// A tensor of rank 0, as str() of a NumPy scalar: all digits that matter.
std::string scalar_text(double value, bool is_single) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const double size = std::fabs(value), most = is_single ? 1e8 : 1e16;
  const double least = is_single ? static_cast<double>(1e-4f) : 1e-4;
  const bool plain = size == 0 || (size >= least && size < most);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  char text[512];
  const auto end = is_single ? std::to_chars(text, text + sizeof text, static_cast<float>(value), format)
                             : std::to_chars(text, text + sizeof text, value, format);
  const std::string result(text, end.ptr);
  return plain && result.find('.') == std::string::npos ? result + ".0" : result;
}

/// Prints one concrete tensor.
class Printer {
 public:
  explicit Printer(const Tensor& x) : shape_(x.shape()), dtype_(x.dtype()), cut_(x.size() > kThreshold) {
    if (is_floating(dtype_))
      numbers_ = x.to_vector<double>();
    else
      integers_ = x.to_vector<std::int64_t>();
    collect(0, 0);
    format_.settle();
    if (dtype_ == DType::boolean && shape_.rank() > 0) width_ = 5;
    for (const std::string& text : words_) width_ = std::max(width_, text.size());
  }

  std::string text() {
    if (shape_.rank() == 0)
      return is_floating(dtype_) ? scalar_text(numbers_[0], dtype_ != DType::float64) : element(0);
    if (shape_.size() == 0) return "[]";
    return block(0, 0, 0);
  }

 private:
  bool is_cut(Dim axis) const { return cut_ && shape_[axis] > 2 * kEdge; }
  Dim stride(Dim axis) const { return shape_.from(axis + 1).size(); }

  /// All shown positions, in order.
  void collect(Dim axis, Dim at) {
    if (axis == shape_.rank()) return note(at);
    for (Dim i = 0; i < shape_[axis]; ++i) {
      if (is_cut(axis) && i == kEdge) i = shape_[axis] - kEdge;
      collect(axis + 1, at + i * stride(axis));
    }
  }

  void note(Dim at) {
    const auto i = static_cast<std::size_t>(at);
    if (is_floating(dtype_))
      format_.see(numbers_[i], dtype_ != DType::float64);
    else
      words_.push_back(word(integers_[i]));
  }

  std::string word(std::int64_t value) const {
    return dtype_ == DType::boolean ? (value ? "True" : "False") : std::to_string(value);
  }

  std::string element(Dim at) const {
    const auto i = static_cast<std::size_t>(at);
    if (is_floating(dtype_)) return format_(numbers_[i]);
    const std::string text = word(integers_[i]);
    return std::string(width_ - std::min(width_, text.size()), ' ') + text;
  }

  /// The innermost axis: words broken into lines; `indent` spaces before the later ones.
  std::string row(Dim at, Dim indent) const {
    const Dim axis = shape_.rank() - 1, size = shape_[axis];
    const std::size_t limit = kLineWidth - static_cast<std::size_t>(shape_.rank());
    std::string text, line(static_cast<std::size_t>(indent) + 1, ' ');
    const std::string start = line;
    bool fresh = true;
    auto put = [&](const std::string& piece) {
      if (!fresh && line.size() + 1 + piece.size() > limit) {
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
        line = start;
        fresh = true;
      }
      line += (fresh ? "" : " ") + piece;
      fresh = false;
    };
    for (Dim i = 0; i < size; ++i) {
      if (is_cut(axis) && i == kEdge) {
        put("...");
        i = size - kEdge;
      }
      put(element(at + i));
    }
    text += line;
    text[static_cast<std::size_t>(indent)] = '[';
    return text.substr(static_cast<std::size_t>(indent)) + ']';
  }

  std::string block(Dim axis, Dim at, Dim indent) const {
    if (axis == shape_.rank() - 1) return row(at, indent);
    const std::string gap = std::string(static_cast<std::size_t>(shape_.rank() - 1 - axis), '\n') +
                            std::string(static_cast<std::size_t>(indent) + 1, ' ');
    std::string text = "[";
    for (Dim i = 0; i < shape_[axis]; ++i) {
      if (i) text += gap;
      if (is_cut(axis) && i == kEdge) {
        text += "..." + gap;
        i = shape_[axis] - kEdge;
      }
      text += block(axis + 1, at + i * stride(axis), indent + 1);
    }
    return text + ']';
  }

  Shape shape_;
  DType dtype_;
  bool cut_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> integers_;
  std::vector<std::string> words_;
  std::size_t width_ = 0;
  Format format_;
};

}  // namespace

std::string to_string(const Tensor& x) {
  if (x.is_empty()) return "Tensor()";
  if (x.is_symbolic()) return join_text("Tensor(shape=", x.shape(), ", dtype=", x.dtype(), ')');
  return Printer(x).text();
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_string(x); }

std::ostream& operator<<(std::ostream& out, const Variable& x) {
  if (x.is_empty()) return out << "Variable()";
  return out << "<Variable path=" << x.path() << ", shape=" << to_string(x.shape())
             << ", dtype=" << to_string(x.dtype()) << ", value=" << to_string(x.value()) << '>';
}

}  // namespace kerata
