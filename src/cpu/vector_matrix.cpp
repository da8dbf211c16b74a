// One row times a matrix (one sample through a dense layer) or a transposed one (a layer of one unit), and the ends of
// products: bias and activation.
#include <algorithm>
#include <type_traits>

#include "backend/parallel.h"
#include "cpu/gemm.h"
#include "cpu/rows.h"
#include "ops/linalg_attrs.h"

namespace kerata::cpu {
namespace {

constexpr Dim kPacks = 4;               // columns handled at once, in packs: their sums stay in registers
constexpr Dim kThreadedWork = 1 << 19;  // multiply-adds that pay for waking a second thread

// y[0 .. kPacks packs) over all rows of b.
template <class T>
inline void wide_columns(Dim k, const T* x, const T* b, Dim ldb, T* y) {
  Pack<T> even[kPacks] = {}, odd[kPacks] = {};
  Dim row = 0;
  for (; row + 1 < k; row += 2)
    for (Dim p = 0; p < kPacks; ++p) {
      even[p] += x[row] * load(b + row * ldb + p * kLanes<T>);
      odd[p] += x[row + 1] * load(b + (row + 1) * ldb + p * kLanes<T>);
    }
  for (; row < k; ++row)
    for (Dim p = 0; p < kPacks; ++p) even[p] += x[row] * load(b + row * ldb + p * kLanes<T>);
  for (Dim p = 0; p < kPacks; ++p) store(y + p * kLanes<T>, Pack<T>(even[p] + odd[p]));
}

// One pack of columns; four rows at once against the latency of the sums.
template <class T, int kBytes>
inline void narrow_columns(Dim k, const T* x, const T* b, Dim ldb, T* y) {
  Pack<T, kBytes> sums[4] = {};
  Dim row = 0;
  for (; row + 3 < k; row += 4)
    for (Dim i = 0; i < 4; ++i) sums[i] += x[row + i] * load<T, kBytes>(b + (row + i) * ldb);
  for (; row < k; ++row) sums[0] += x[row] * load<T, kBytes>(b + row * ldb);
  store(y, Pack<T, kBytes>((sums[0] + sums[1]) + (sums[2] + sums[3])));
}

template <class T>
using Mask = Pack<std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>;

// The lanes of the last pack of k values that no other pack has read (packs may overlap at the end).
template <class T>
Mask<T> unread_lanes(Dim k) {
  std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t> lanes[kLanes<T>];
  for (Dim i = 0; i < kLanes<T>; ++i) lanes[i] = i >= kLanes<T> - k % kLanes<T> ? -1 : 0;
  return load(lanes);
}

// k at least one pack
template <class T>
inline T dot(Dim k, const T* x, const T* y, const Mask<T>& unread) {
  Pack<T> even{}, odd{};
  Dim i = 0;
  for (; i + 2 * kLanes<T> <= k; i += 2 * kLanes<T>) {
    even += load(x + i) * load(y + i);
    odd += load(x + i + kLanes<T>) * load(y + i + kLanes<T>);
  }
  for (; i + kLanes<T> <= k; i += kLanes<T>) even += load(x + i) * load(y + i);
  if (i < k) {
    const Dim last = k - kLanes<T>;
    const Pack<T> rest = load(x + last) * load(y + last);
    odd += unread ? rest : Pack<T>{};
  }
  return sum_lanes<T>(even + odd);
}

template <class T>
inline T short_dot(Dim k, const T* x, const T* y) {
  T total = 0;
  for (Dim i = 0; i < k; ++i) total += x[i] * y[i];
  return total;
}

// relu keeps NaN
template <class P>
inline P activated(const P& x, int activation) {
  return activation == ops::FusedActivation::relu ? (x <= P{} ? P{} : x) : x;
}

}  // namespace

template <class T>
void vector_matrix(Dim n, Dim k, const T* x, const T* b, Dim ldb, T* y) {
  constexpr Dim kWide = kPacks * kLanes<T>;
  const Dim blocks = (n + kWide - 1) / kWide;
  parallel_for(blocks, std::max<Dim>(1, kThreadedWork / (k * kWide)), [&](Dim begin, Dim end) {
    for (Dim block = begin; block < end; ++block) {
      const Dim first = block * kWide;
      if (first + kWide <= n)
        wide_columns(k, x, b + first, ldb, y + first);
      else
        cover<T>(
            n, [&]<int kBytes>(Dim j) { narrow_columns<T, kBytes>(k, x, b + j, ldb, y + j); }, first);
    }
  });
}
template void vector_matrix(Dim, Dim, const float*, const float*, Dim, float*);
template void vector_matrix(Dim, Dim, const double*, const double*, Dim, double*);

template <class T>
void dot_rows(Dim n, Dim k, T alpha, const T* x, const T* b, Dim ldb, T beta, T* y) {
  const Mask<T> unread = unread_lanes<T>(k);
  parallel_for(n, std::max<Dim>(1, kThreadedWork / k), [&](Dim begin, Dim end) {
    for (Dim j = begin; j < end; ++j) {
      const T* row = b + j * ldb;
      const T total = alpha * (k < kLanes<T> ? short_dot(k, x, row) : dot(k, x, row, unread));
      y[j] = beta == T(0) ? total : total + beta * y[j];
    }
  });
}
template void dot_rows(Dim, Dim, float, const float*, const float*, Dim, float, float*);
template void dot_rows(Dim, Dim, double, const double*, const double*, Dim, double, double*);

template <class T>
void finish_rows(T* y, Dim rows, Dim n, const T* bias, int activation) {
  if (bias || activation == ops::FusedActivation::relu)
    for (Dim row = 0; row < rows; ++row) {
      T* to = y + row * n;
      cover<T>(n, [&]<int kBytes>(Dim j) {
        const Pack<T, kBytes> x = load<T, kBytes>(to + j);
        store(to + j, activated(bias ? Pack<T, kBytes>(x + load<T, kBytes>(bias + j)) : x, activation));
      });
    }
  if (activation == ops::FusedActivation::tanh) run_unary(ops::kTanh, y, y, rows * n);
  if (activation == ops::FusedActivation::sigmoid) run_unary(ops::kSigmoid, y, y, rows * n);
}
template void finish_rows(float*, Dim, Dim, const float*, int);
template void finish_rows(double*, Dim, Dim, const double*, int);

}  // namespace kerata::cpu
