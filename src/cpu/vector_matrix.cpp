// One row times a matrix (one sample through a dense layer), and the ends of products: bias and activation.
#include <algorithm>

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
inline Pack<T> activated(const Pack<T>& x, int activation) {
  return activation == ops::FusedActivation::relu ? (x > T(0) ? x : Pack<T>{}) : x;
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
void finish_rows(T* y, Dim rows, Dim n, const T* bias, int activation) {
  const bool relu = activation == ops::FusedActivation::relu;
  if (bias || relu)
    for (Dim row = 0; row < rows; ++row) {
      T* to = y + row * n;
      Dim j = 0;
      for (; j + kLanes<T> <= n; j += kLanes<T>)
        store(to + j, activated<T>(bias ? Pack<T>(load(to + j) + load(bias + j)) : load(to + j), activation));
      for (; j < n; ++j) {
        const T value = bias ? to[j] + bias[j] : to[j];
        to[j] = relu && !(value > T(0)) ? T(0) : value;
      }
    }
  if (activation == ops::FusedActivation::tanh) run_unary(ops::kTanh, y, y, rows * n);
  if (activation == ops::FusedActivation::sigmoid) run_unary(ops::kSigmoid, y, y, rows * n);
}
template void finish_rows(float*, Dim, Dim, const float*, int);
template void finish_rows(double*, Dim, Dim, const double*, int);

}  // namespace kerata::cpu
