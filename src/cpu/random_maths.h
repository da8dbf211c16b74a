// From random bits to distributions.
#pragma once

#include <cstdint>

#include "kerata/core/shape.h"

namespace kerata::cpu {

/// The Philox key of a random state {key, step} (splitmix64's finalizer, https://prng.di.unimi.it/splitmix64.c).
inline std::uint64_t random_key(const std::int64_t* state) {
  std::uint64_t z = static_cast<std::uint64_t>(state[0]) + static_cast<std::uint64_t>(state[1]) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// The upper half of a 128-bit product: a number in [0, range) from 64 random bits.
inline std::uint64_t multiply_high(std::uint64_t bits, std::uint64_t range) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(bits) * range >> 64);
}

/// pair[2 i], pair[2 i + 1] = sqrt(-2 ln radius[i]) (cos, sin)(2 pi angle[i]); overwrites radius and angle.
/// All are 64-byte aligned; pairs: a multiple of 16, at most 128.
void box_muller(float* radius, float* angle, float* pair, Dim pairs);
void box_muller(double* radius, double* angle, double* pair, Dim pairs);

/// The inverse of the normal distribution function for 0.02 < p < 0.98 (Wichura 1988, algorithm AS 241, PPND16).
double normal_quantile(double p);

}  // namespace kerata::cpu
