// The known name nearest to a mistyped one, for error texts.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kerata {

/// The known word with the smallest edit distance to `word` if that is at most a third of its length (at least 1), else
/// "".
std::string nearest_name(std::string_view word, std::span<const std::string_view> known);

/// " Hint: did you mean \"mse\"?" or " Expected one of: a, b, c.".
std::string name_hint(std::string_view word, std::span<const std::string_view> known);

}  // namespace kerata
