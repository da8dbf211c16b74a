// Packs of float from and to bfloat16 in memory: as core/convert.h has it, one register at a time.
#pragma once

#include "core/convert.h"
#include "cpu/pack.h"

namespace kerata::cpu {

using BFloat16Bits = Pack<std::uint16_t, kPackBytes / 2>;  // of as many lanes as Pack<float>
using FloatBits = Pack<std::uint32_t>;

/// The first n lanes; the others are zero.
inline Pack<float> load_wide(const BFloat16* from, std::int64_t n) {
  BFloat16Bits bits{};
  std::memcpy(&bits, from, static_cast<std::size_t>(n) * sizeof *from);
  return reinterpret_cast<Pack<float>>(__builtin_convertvector(bits, FloatBits) << 16);
}

inline void store_narrow(BFloat16* to, const Pack<float>& pack, std::int64_t n) {
  const auto bits = reinterpret_cast<FloatBits>(pack);
  const FloatBits rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16, nan = bits >> 16 | 0x40;
  const auto narrow = __builtin_convertvector(pack == pack ? rounded : nan, BFloat16Bits);
  std::memcpy(to, &narrow, static_cast<std::size_t>(n) * sizeof *to);
}

}  // namespace kerata::cpu
