// require<E>(ok, where, parts...): the one way to check what a user gave.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "kerata/core/choice.h"
#include "kerata/core/device.h"
#include "kerata/core/dtype.h"
#include "kerata/core/error.h"
#include "kerata/core/shape.h"

namespace kerata {

inline void append(std::string& text, std::string_view part) { text += part; }
inline void append(std::string& text, const char* part) { text += part; }
inline void append(std::string& text, const std::string& part) { text += part; }
inline void append(std::string& text, char part) { text += part; }
inline void append(std::string& text, bool part) { text += part ? "true" : "false"; }
template <std::integral T>
void append(std::string& text, T part) {
  text += std::to_string(part);
}
void append(std::string& text, double part);  // shortest form that reads back: 0.1, 1e-07
inline void append(std::string& text, const Shape& part) { text += to_string(part); }
inline void append(std::string& text, DType part) { text += to_string(part); }
inline void append(std::string& text, Device part) { text += to_string(part); }
template <class Enum>
void append(std::string& text, const Choice<Enum>& part) {
  text += part.name();
}

/// The parts one after the other as text.
template <class... Parts>
std::string join_text(const Parts&... parts) {
  std::string text;
  (append(text, parts), ...);
  return text;
}

/// Throws E "[where] parts..."; the hint belongs into the parts.
template <class E, class... Parts>
[[noreturn]] void fail(std::string_view where, const Parts&... parts) {
  throw E(join_text('[', where, "] ", parts...));
}

/// Throws E "[where] parts..." unless `ok`; the parts are turned into text only on failure.
template <class E, class... Parts>
void require(bool ok, std::string_view where, const Parts&... parts) {
  if (!ok) [[unlikely]]
    fail<E>(where, parts...);
}

}  // namespace kerata
