// Choice<Enum>: an option that is one of a closed set of words, checked by the compiler.
#pragma once

#include <span>
#include <string_view>

#pragma GCC visibility push(default)

namespace kerata {

/// Specialised per enum: static constexpr std::string_view list[], in the order of the enumerators.
template <class Enum>
struct ChoiceNames;

/// Not constexpr: calling it while compiling is the error, and its name is the message. It is defined and
/// throws ValueError, because clang++ 14 runs consteval constructors of namespace-scope objects at run time.
[[noreturn]] void error_this_word_is_not_one_of_the_allowed_ones();

namespace detail {
/// Index of `word` in `words`; throws ValueError with the nearest allowed word.
int parse_choice(std::string_view word, std::span<const std::string_view> words);
}  // namespace detail

/// "same" and Padding::same both work; "sane" does not compile. Text from a file goes through parse().
template <class Enum>
class Choice {
 public:
  constexpr Choice(Enum value) : value_(value) {}
  consteval Choice(const char* word) : value_(find(word)) {}
  static Choice parse(std::string_view word) {
    return static_cast<Enum>(detail::parse_choice(word, ChoiceNames<Enum>::list));
  }
  constexpr operator Enum() const { return value_; }
  constexpr Enum value() const { return value_; }
  constexpr std::string_view name() const { return ChoiceNames<Enum>::list[static_cast<int>(value_)]; }

 private:
  static constexpr Enum find(std::string_view word) {
    int i = 0;
    for (std::string_view name : ChoiceNames<Enum>::list) {
      if (name == word) return static_cast<Enum>(i);
      ++i;
    }
    error_this_word_is_not_one_of_the_allowed_ones();
  }
  Enum value_;
};

enum class Padding { valid, same };
template <>
struct ChoiceNames<Padding> {
  static constexpr std::string_view list[] = {"valid", "same"};
};
enum class DataFormat { channels_last, channels_first };
template <>
struct ChoiceNames<DataFormat> {
  static constexpr std::string_view list[] = {"channels_last", "channels_first"};
};
enum class MonitorMode { automatic, min, max };
template <>
struct ChoiceNames<MonitorMode> {
  static constexpr std::string_view list[] = {"auto", "min", "max"};
};
enum class Reduction { sum_over_batch_size, sum, mean, mean_with_sample_weight, none };
template <>
struct ChoiceNames<Reduction> {
  static constexpr std::string_view list[] = {"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"};
};

}  // namespace kerata

#pragma GCC visibility pop
