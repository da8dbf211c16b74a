// float32 functions written so that compilers vectorise loops over them: no branches, no calls, no tables.
// Largest errors are given in units in the last place (ulp) against the exact value.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kerata::cpu {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// 2^n for n in [-126, 127].
inline float power_of_two(std::int32_t n) { return std::bit_cast<float>(static_cast<std::uint32_t>(n + 127) << 23); }

/// x = n ln 2 + r, |r| <= ln(2) / 2, for |x| < 10^4; n as an integer.
struct ExpReduction {
  std::int32_t n;
  float r;
};
inline ExpReduction reduce_exp(float x) {
  constexpr float kRound = 0x1.8p23f;  // adding it rounds to an integer, which is then in the low bits
  const float shifted = x * 1.44269504088896341f + kRound;
  const float n = shifted - kRound;
  const std::int32_t bits = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRound);
  return {bits, (x - n * 0.693359375f) + n * 2.12194440e-4f};
}

/// (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2 (Cephes expf).
inline float exp_tail(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  return p * r + 5.0000001201e-1f;
}

/// 2 ulp; subnormal results included.
inline float exp_f32(float x) {
  const float inside = x < -104.0f ? -104.0f : (x > 89.0f ? 89.0f : x);  // NaN stays
  const ExpReduction e = reduce_exp(inside);
  const std::int32_t half = e.n >> 1;  // two factors: 2^n itself may not be a float
  const float y = exp_tail(e.r) * (e.r * e.r) + e.r + 1.0f;
  return y * power_of_two(half) * power_of_two(e.n - half);
}

/// 3 ulp, also near 0.
inline float expm1_f32(float x) {
  const float inside = x < -30.0f ? -30.0f : (x > 88.0f ? 88.0f : x);
  const ExpReduction e = reduce_exp(inside);
  const float y = exp_tail(e.r) * (e.r * e.r) + e.r;
  const float scale = power_of_two(e.n - 1);  // half of 2^n, which may not be a float
  const float small = 2.0f * (y * scale + (scale - 0.5f));
  return x > 88.0f ? exp_f32(x) : x == 0.0f ? x : small;
}

/// log(m 2^e) from m in [sqrt(1/2), sqrt(2)) (Cephes logf).
inline float log_parts(float m, float e) {
  const float f = m - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float ff = f * f;
  float y = p * f * ff + e * -2.12194440e-4f;
  y = y - 0.5f * ff;
  return f + y + e * 0.693359375f;
}

/// 2 ulp; subnormal arguments included.
inline float log_f32(float x) {
  const bool tiny = x < std::numeric_limits<float>::min();
  const float scaled = tiny ? x * 0x1p25f : x;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(scaled);
  const std::uint32_t up = bits + (0x3f800000u - 0x3f3504f3u);  // the exponent steps at sqrt(1/2)
  const float e = static_cast<float>(static_cast<std::int32_t>(up >> 23) - 127) - (tiny ? 25.0f : 0.0f);
  const float m = std::bit_cast<float>((up & 0x007fffffu) + 0x3f3504f3u);
  const float y = log_parts(m, e);
  const float edge = x == 0.0f ? -kInfinity : (x > 0.0f ? kInfinity : kNan);
  return x > 0.0f && x < kInfinity ? y : edge;
}

/// 3 ulp: log(u) with u = 1 + x, and what the sum lost as a correction.
inline float log1p_f32(float x) {
  const float u = 1.0f + x;
  const float y = log_f32(u) + (x - (u - 1.0f)) / u;
  const bool plain = u > 0.0f && u < kInfinity;
  return x == 0.0f ? x : plain ? y : log_f32(u);
}

/// 4 ulp (the rational function of Eigen and XLA).
inline float tanh_f32(float x) {
  const float c =
      x < -7.90531110763549805f ? -7.90531110763549805f : (x > 7.90531110763549805f ? 7.90531110763549805f : x);
  const float s = c * c;
  float p = -2.76076847742355e-16f;
  p = p * s + 2.00018790482477e-13f;
  p = p * s - 8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * s + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  const float y = c * p / q;
  return std::fabs(x) < 0.0004f ? x : y;
}

/// 3 ulp.
inline float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_f32(-x)); }

/// erf on |x| < 1 by its series, else 1 - exp(-x^2) t P(t) (Cephes erff, erfcf). 4 ulp.
inline float erf_f32(float x) {
  const float z = x * x;
  float p = 7.853861353153693e-5f;
  p = p * z - 8.010193625184903e-4f;
  p = p * z + 5.188327685732524e-3f;
  p = p * z - 2.685381193529856e-2f;
  p = p * z + 1.128358514861418e-1f;
  p = p * z - 3.761262582423300e-1f;
  p = p * z + 1.128379165726710e+0f;
  const float near = x * p;
  const float a = std::fabs(x) > 4.0f ? 4.0f : std::fabs(x);
  const float t = 1.0f / (a < 1.0f ? 1.0f : a), w = t * t;
  float r = 2.326819970068386e-2f;
  r = r * w - 1.387039388740657e-1f;
  r = r * w + 3.687424674597105e-1f;
  r = r * w - 5.824733027278666e-1f;
  r = r * w + 6.210004621745983e-1f;
  r = r * w - 4.944515323274145e-1f;
  r = r * w + 3.404879937665872e-1f;
  r = r * w - 2.741127028184656e-1f;
  r = r * w + 5.638259427386472e-1f;
  float far_tail = -1.047766399936249e+1f;  // for a >= 2
  far_tail = far_tail * w + 1.297719955372516e+1f;
  far_tail = far_tail * w - 7.495518717768503e+0f;
  far_tail = far_tail * w + 2.921019019210786e+0f;
  far_tail = far_tail * w - 1.015265279202700e+0f;
  far_tail = far_tail * w + 4.218463358204948e-1f;
  far_tail = far_tail * w - 2.820767439740514e-1f;
  far_tail = far_tail * w + 5.641895067754075e-1f;
  const float tail = exp_f32(-a * a) * t * (a < 2.0f ? r : far_tail);
  const float outer = std::copysign(1.0f - tail, x);
  return x != x ? x : std::fabs(x) < 1.0f ? near : outer;
}

/// sin and cos for |x| <= kLargestAngle, 2 ulp (Cephes sinf): x = n pi/2 + r.
inline constexpr float kLargestAngle = 8192.0f;
struct SinCos {
  float sine, cosine;
};
inline SinCos sincos_f32(float x) {
  constexpr float kRound = 0x1.8p23f;
  const float shifted = x * 0.636619772367581343f + kRound;
  const float n = shifted - kRound;
  const std::uint32_t quadrant = std::bit_cast<std::uint32_t>(shifted);
  float r = x - n * 1.5703125f;  // pi / 2 in three parts, the first two with zeros at the end
  r = r - n * 4.837512969970703125e-4f;
  r = r - n * 7.54978995489188e-8f;
  const float s = r * r;
  const float sine = ((-1.9515295891e-4f * s + 8.3321608736e-3f) * s - 1.6666654611e-1f) * s * r + r;
  const float cosine =
      ((2.443315711809948e-5f * s - 1.388731625493765e-3f) * s + 4.166664568298827e-2f) * s * s - 0.5f * s + 1.0f;
  const bool swap = quadrant & 1u;
  const float a = swap ? cosine : sine, b = swap ? sine : cosine;
  return {quadrant & 2u ? -a : a, (quadrant + 1u) & 2u ? -b : b};
}
inline float sin_f32(float x) { return sincos_f32(x).sine; }
inline float cos_f32(float x) { return sincos_f32(x).cosine; }
inline float tan_f32(float x) {
  const SinCos both = sincos_f32(x);
  return both.sine / both.cosine;
}

}  // namespace kerata::cpu
