// Loops of elementwise functors over contiguous runs. n elements; out may be one of the inputs.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cpu/functors.h"

namespace kerata::cpu {

/// A truth value as a number: a choice of two constants, which the compiler turns into a masked move.
template <class R, class V>
inline R result_of(V value) {
  if constexpr (std::is_same_v<V, bool> && std::is_floating_point_v<R>)
    return value ? R(1) : R(0);
  else
    return static_cast<R>(value);
}

template <class Op, class T, class R>
void loop_unary(const T* a, R* out, std::int64_t n) {
  const Op op;
  if constexpr (Op::template kSimd<T>) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i]));
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i]));
  }
}

/// The fast functions hold for moderate angles only: blocks with larger ones take the exact function.
template <class Op>
void loop_angle(const float* a, float* out, std::int64_t n) {
  constexpr std::int64_t kChunk = 256;
  for (std::int64_t begin = 0; begin < n; begin += kChunk) {
    const std::int64_t count = n - begin < kChunk ? n - begin : kChunk;
    int large = 0;
#pragma omp simd reduction(+ : large)
    for (std::int64_t i = 0; i < count; ++i) large += std::fabs(a[begin + i]) > kLargestAngle;
    if (large == 0)
      loop_unary<Op, float, float>(a + begin, out + begin, count);
    else
      for (std::int64_t i = begin; i < begin + count; ++i) out[i] = Op::exact(a[i]);
  }
}

template <class Op, class T, class R>
void loop_vv(const T* a, const T* b, R* out, std::int64_t n) {
  const Op op;
  if constexpr (Op::template kSimd<T>) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i], b[i]));
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i], b[i]));
  }
}

template <class Op, class T, class R>
void loop_vs(const T* a, T b, R* out, std::int64_t n) {
  const Op op;
  if constexpr (Op::template kSimd<T>) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i], b));
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a[i], b));
  }
}

template <class Op, class T, class R>
void loop_sv(T a, const T* b, R* out, std::int64_t n) {
  const Op op;
  if constexpr (Op::template kSimd<T>) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a, b[i]));
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = result_of<R>(op(a, b[i]));
  }
}

/// a^b for one exponent: the usual ones need no logarithm.
template <std::floating_point T>
void loop_power_vs(const T* a, T b, T* out, std::int64_t n) {
  if (b == T(2)) return loop_unary<Square, T, T>(a, out, n);
  if (b == T(1) || b == T(-1) || b == T(3)) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) out[i] = b == T(1) ? a[i] : b == T(3) ? a[i] * a[i] * a[i] : T(1) / a[i];
    return;
  }
  loop_vs<Power, T, T>(a, b, out, n);
}

}  // namespace kerata::cpu
