#include "core/near_name.h"

#include <algorithm>
#include <vector>

#include "core/require.h"

namespace kerata {
namespace {

/// Letters to insert, drop or change, and neighbours to swap, that lead from a to b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view word, std::span<const std::string_view> known) {
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view name;
  for (std::string_view candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size()),
                      shorter = std::min(word.size(), candidate.size());
    if (longer - shorter >= best) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) best = distance, name = candidate;
  }
  return std::string(name);
}

std::string name_hint(std::string_view word, std::span<const std::string_view> known) {
  if (const std::string name = nearest_name(word, known); !name.empty()) return " Hint: did you mean \"" + name + "\"?";
  std::string text = " Expected one of: ";
  for (std::size_t i = 0; i < known.size(); ++i) text.append(i ? ", " : "").append(known[i]);
  return text + ".";
}

namespace detail {

int parse_choice(std::string_view word, std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) fail<ValueError>("Choice", "Unknown word \"", word, "\".", name_hint(word, words));
  return static_cast<int>(found - words.begin());
}

}  // namespace detail

void error_this_word_is_not_one_of_the_allowed_ones() {
  fail<ValueError>("Choice", "This word is not one of the allowed ones.");
}

}  // namespace kerata
