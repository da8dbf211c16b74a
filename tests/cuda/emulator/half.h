// The elements of tensors as the emulated libraries compute with them: in double, rounded when they are stored.
#pragma once

#include <bit>
#include <cmath>
#include <type_traits>

#include "core/convert.h"

namespace kerata::emulator {

template <class T>
double to_double(T x) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return static_cast<double>(to_float(x));
  else
    return static_cast<double>(x);
}

template <class T>
T from_double(double x) {
  if constexpr (std::is_same_v<T, Half>)
    return to_half(static_cast<float>(x));
  else if constexpr (std::is_same_v<T, BFloat16>)
    return to_bfloat16(static_cast<float>(x));
  else
    return static_cast<T>(x);
}

/// A float with 10 bits of mantissa.
inline double to_tf32(double x) {
  if (!std::isfinite(x)) return x;
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  return static_cast<double>(std::bit_cast<float>((bits + 0xfff + (bits >> 13 & 1)) & ~std::uint32_t{0x1fff}));
}

}  // namespace kerata::emulator
