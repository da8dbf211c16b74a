#include "kerata/core/error.h"

namespace kerata {
namespace {

/// Names from a file may hold anything: a zero would end the text, an escape sequence would reach the terminal.
std::string printable(const std::string& text) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
      result += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    else
      result += c;
  }
  return result;
}

}  // namespace

Error::Error(std::string text) : text_(printable(text)) {}
Error::~Error() = default;
ShapeError::~ShapeError() = default;
ValueError::~ValueError() = default;
StateError::~StateError() = default;
BackendError::~BackendError() = default;

void Error::add_context(const std::string& line) { text_ += "\n  " + printable(line); }

}  // namespace kerata
