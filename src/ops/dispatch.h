// From a DType to the C++ type that computes it, and conversions of single elements.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/convert.h"

namespace kerata {

template <class T>
inline constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

/// Calls f.template operator()<T>() for any element type (the half types as storage structs).
template <class F>
decltype(auto) dispatch_any(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float64:
      return f.template operator()<double>();
    case DType::float16:
      return f.template operator()<Half>();
    case DType::bfloat16:
      return f.template operator()<BFloat16>();
    case DType::int8:
      return f.template operator()<std::int8_t>();
    case DType::int16:
      return f.template operator()<std::int16_t>();
    case DType::int32:
      return f.template operator()<std::int32_t>();
    case DType::int64:
      return f.template operator()<std::int64_t>();
    case DType::uint8:
      return f.template operator()<std::uint8_t>();
    case DType::boolean:
      return f.template operator()<bool>();
    default:
      return f.template operator()<float>();
  }
}

/// One element to another type: fractions are cut, numbers outside an integer type go to its ends, NaN to 0.
template <class To, class From>
inline To convert_one(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (kIsHalf<From>) {
    return convert_one<To>(to_float(value));
  } else if constexpr (kIsHalf<To>) {
    if constexpr (std::is_same_v<To, Half>)
      return to_half(static_cast<float>(value));
    else
      return to_bfloat16(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From kLow = static_cast<From>(std::numeric_limits<To>::min());
    constexpr From kHigh = static_cast<From>(std::numeric_limits<To>::max());  // may round up to 2^31 or 2^63
    if (value != value) return To(0);
    if (value <= kLow) return std::numeric_limits<To>::min();
    if (value >= kHigh) return std::numeric_limits<To>::max();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// n elements of `dtype` from value_of(i), a double or an int64.
template <class F>
void write_elements(void* out, std::int64_t n, DType dtype, const F& value_of) {
  dispatch_any(dtype, [&]<class T>() {
    T* typed = static_cast<T*>(out);
    for (std::int64_t i = 0; i < n; ++i) typed[i] = convert_one<T>(value_of(i));
  });
}

}  // namespace kerata
