// Reductions of rows and of columns. The order of the additions is fixed by the sizes alone, so that results do not
// depend on the number of threads; long sums are done by pieces, which keeps float32 accurate.
#pragma once

#include <algorithm>
#include <limits>

#include "cpu/functors.h"

namespace kerata::cpu {

/// What a reduction over nothing gives.
template <class Op, class T>
constexpr T initial_value() {
  if constexpr (std::same_as<Op, Add>)
    return T(0);
  else if constexpr (std::same_as<Op, Multiply>)
    return T(1);
  else if constexpr (std::floating_point<T>)
    return std::same_as<Op, Maximum> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  else
    return std::same_as<Op, Maximum> ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}

/// n >= kLanes elements in kLanes interleaved sums.
template <class Op, class T, int kLanes>
T reduce_lanes(const T* x, std::int64_t n) {
  const Op op;
  T lanes[kLanes];
  for (int j = 0; j < kLanes; ++j) lanes[j] = x[j];
  std::int64_t i = kLanes;
  for (; i + kLanes <= n; i += kLanes) {
#pragma omp simd
    for (int j = 0; j < kLanes; ++j) lanes[j] = op(lanes[j], x[i + j]);
  }
  for (int j = 0; i + j < n; ++j) lanes[j] = op(lanes[j], x[i + j]);
  for (int width = kLanes / 2; width > 0; width /= 2) {
#pragma omp simd
    for (int j = 0; j < width; ++j) lanes[j] = op(lanes[j], lanes[j + width]);
  }
  return lanes[0];
}

inline constexpr std::int64_t kPiece = 8192;  // elements that are summed without a further split

/// x (n) -> one element.
template <class Op, class T>
T reduce_row(const T* x, std::int64_t n) {
  if (n > kPiece) {  // halves, cut between pieces
    const std::int64_t half = (n / kPiece + 1) / 2 * kPiece;
    return Op()(reduce_row<Op, T>(x, half), reduce_row<Op, T>(x + half, n - half));
  }
  if (n >= 128) return reduce_lanes<Op, T, 64>(x, n);
  if (n >= 16) return reduce_lanes<Op, T, 16>(x, n);
  T result = initial_value<Op, T>();
  for (std::int64_t i = 0; i < n; ++i) result = Op()(result, x[i]);
  return result;
}

/// x (rows >= 1, n columns of rows `stride` apart) -> out (n).
template <class Op, class T>
void reduce_columns(const T* x, T* out, std::int64_t rows, std::int64_t n, std::int64_t stride) {
  const Op op;
  std::copy_n(x, n, out);
  std::int64_t row = 1;
  for (; row + 4 <= rows; row += 4) {
    const T *a = x + row * stride, *b = a + stride, *c = b + stride, *d = c + stride;
#pragma omp simd
    for (std::int64_t j = 0; j < n; ++j) out[j] = op(out[j], op(op(a[j], b[j]), op(c[j], d[j])));
  }
  for (; row < rows; ++row) {
    const T* a = x + row * stride;
#pragma omp simd
    for (std::int64_t j = 0; j < n; ++j) out[j] = op(out[j], a[j]);
  }
}

}  // namespace kerata::cpu
