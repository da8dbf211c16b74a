// Conversion of raw elements between dtypes, with the casting rules of NumPy.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "kerata/core/dtype.h"

namespace kerata {

/// IEEE half and bfloat16, stored only; round to nearest even.
struct Half {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};

// Without branches, so that loops over them use vector instructions.
inline float to_float(Half value) {
  const std::uint32_t magnitude = std::uint32_t{value.bits & 0x7FFFu} << 13,
                      sign = std::uint32_t{value.bits & 0x8000u} << 16;
  const auto finite = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);  // subnormals, too
  const std::uint32_t infinite = magnitude | 0x7F800000;
  return std::bit_cast<float>((magnitude >= 0x0F800000 ? infinite : finite) | sign);
}
inline Half to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  const std::uint32_t normal = (magnitude + 0xFFF + (magnitude >> 13 & 1) - 0x38000000) >> 13;
  // A sum with 1/2 rounds to multiples of 2^-24, the smallest half.
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3F000000;
  std::uint32_t result = magnitude < 0x38800000 ? subnormal : normal;
  result = magnitude >= 0x477FF000 ? 0x7C00 : result;  // rounds above 65504
  result = magnitude > 0x7F800000 ? 0x7E00 : result;   // NaN
  return {static_cast<std::uint16_t>(result | (bits >> 16 & 0x8000))};
}
inline float to_float(BFloat16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }
inline BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16, nan = bits >> 16 | 0x40;
  return {static_cast<std::uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : rounded)};
}

/// to[i] = from[i] for n elements; the ranges do not overlap.
void convert(const void* from, DType from_type, void* to, DType to_type, std::size_t n);
/// Each of n values to the nearest that the half type has.
void round_to(DType half, float* values, std::size_t n);

}  // namespace kerata
