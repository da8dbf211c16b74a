#include "core/require.h"

#include <charconv>

namespace kerata {

void append(std::string& text, double part) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
  text.append(digits, end);
}

}  // namespace kerata
