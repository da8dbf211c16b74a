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
float to_float(Half value);
Half to_half(float value);
inline float to_float(BFloat16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }
BFloat16 to_bfloat16(float value);

/// to[i] = from[i] for n elements; the ranges do not overlap.
void convert(const void* from, DType from_type, void* to, DType to_type, std::size_t n);

}  // namespace kerata
