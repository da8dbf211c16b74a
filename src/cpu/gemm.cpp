#include "cpu/gemm.h"

#include <cblas.h>

#include "backend/determinism.h"
#include "backend/parallel.h"
#include "cpu/pack.h"

namespace kerata::cpu {
namespace {

constexpr Dim kTiny = 2048, kOwn = 1 << 23;  // multiply-adds; beyond, the libraries' own code is some percent faster

template <class T>
void scale_rows(const GemmShape& s, T beta, T* c) {
  for (Dim i = 0; i < s.m; ++i)
    for (Dim j = 0; j < s.n; ++j) c[i * s.ldc + j] = beta == T(0) ? T(0) : beta * c[i * s.ldc + j];
}

// One row of c: the sums stay in registers.
template <class T>
inline void tiny_row(const GemmShape& s, Dim i, T alpha, const T* a, const T* b, T beta, T* c) {
  const T* row = s.trans_a ? a + i : a + i * s.lda;
  const Dim step = s.trans_a ? s.lda : 1;
  cover<T>(s.n, [&]<int kBytes>(Dim j) {
    Pack<T, kBytes> total{};
    for (Dim k = 0; k < s.k; ++k) total += row[k * step] * load<T, kBytes>(b + k * s.ldb + j);
    total *= alpha;
    T* out = c + i * s.ldc + j;
    if (beta != T(0)) total += beta * load<T, kBytes>(out);
    store(out, total);
  });
}

template <class T>
inline T tiny_dot(Dim k, const T* x, Dim step, const T* y) {
  T total = 0;
  for (Dim i = 0; i < k; ++i) total += x[i * step] * y[i];
  return total;
}

// Brings a column and an outer product into the form that the loops like: the result one row, or b a row.
template <class T>
void turn_columns(GemmShape& s, const T*& a, const T*& b) {
  if (s.n == 1 && s.ldc == 1) {  // c^T = op(b)^T op(a)^T
    std::swap(a, b);
    s = {!s.trans_b, !s.trans_a, 1, s.m, s.k, s.ldb, s.lda, s.m};
  }
  if (s.k == 1 && s.trans_b && s.ldb == 1) {
    s.trans_b = false;
    s.ldb = s.n;
  }
}

template <class T>
void tiny_gemm(const GemmShape& s, T alpha, const T* a, const T* b, T beta, T* c) {
  if (!s.trans_b) {
    for (Dim i = 0; i < s.m; ++i) tiny_row(s, i, alpha, a, b, beta, c);
    return;
  }
  for (Dim i = 0; i < s.m; ++i)
    for (Dim j = 0; j < s.n; ++j) {
      const T total = alpha * tiny_dot(s.k, s.trans_a ? a + i : a + i * s.lda, s.trans_a ? s.lda : 1, b + j * s.ldb);
      T& out = c[i * s.ldc + j];
      out = beta == T(0) ? total : total + beta * out;
    }
}

// Rows shared out to the threads, each summed in one order whatever their number (utils::enable_op_determinism).
template <class T>
void fixed_order_gemm(const GemmShape& s, T alpha, const T* a, const T* b, T beta, T* c) {
  parallel_for(s.m, 1 + 65536 / (s.n * s.k), [&](Dim begin, Dim end) {
    GemmShape rows = s;
    rows.m = end - begin;
    tiny_gemm(rows, alpha, s.trans_a ? a + begin : a + begin * s.lda, b, beta, c + begin * s.ldc);
  });
}

// The forms that both types share; false: c is still to be computed.
template <class T>
bool small_gemm(const GemmShape& s, T alpha, const T* a, const T* b, T beta, T* c) {
  const Dim work = s.m * s.n * s.k;
  const bool one_row = s.m == 1 && (!s.trans_a || s.lda == 1);
  if (work == 0)
    scale_rows(s, beta, c);
  else if (one_row && s.trans_b)
    dot_rows(s.n, s.k, alpha, a, b, s.ldb, beta, c);
  else if (work <= kTiny)
    tiny_gemm(s, alpha, a, b, beta, c);
  else
    return false;
  return true;
}

template <class T>
bool is_vector_matrix(const GemmShape& s, T alpha, T beta) {
  return s.m == 1 && !s.trans_b && beta == 0 && alpha == 1 && (!s.trans_a || s.lda == 1);
}

}  // namespace

void blas_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c) {
  cblas_sgemm(CblasRowMajor, s.trans_a ? CblasTrans : CblasNoTrans, s.trans_b ? CblasTrans : CblasNoTrans,
              static_cast<int>(s.m), static_cast<int>(s.n), static_cast<int>(s.k), alpha, a, static_cast<int>(s.lda), b,
              static_cast<int>(s.ldb), beta, c, static_cast<int>(s.ldc));
}

void gemm(const GemmShape& shape, float alpha, const float* a, const float* b, float beta, float* c) {
  GemmShape s = shape;
  turn_columns(s, a, b);
  if (small_gemm(s, alpha, a, b, beta, c)) return;
  if (is_vector_matrix(s, alpha, beta)) return vector_matrix(s.n, s.k, a, b, s.ldb, c);
  const bool fixed_order = deterministic_ops();
  if ((s.m * s.n * s.k <= kOwn || fixed_order) && (beta == 0 || beta == 1))
    return panel_sgemm(s, alpha, a, b, beta == 1, c);
  if (fixed_order) return fixed_order_gemm(s, alpha, a, b, beta, c);
  big_sgemm(s, alpha, a, b, beta, c);
}

void gemm(const GemmShape& shape, double alpha, const double* a, const double* b, double beta, double* c) {
  GemmShape s = shape;
  turn_columns(s, a, b);
  if (small_gemm(s, alpha, a, b, beta, c)) return;
  if (deterministic_ops()) return fixed_order_gemm(s, alpha, a, b, beta, c);
  if (is_vector_matrix(s, alpha, beta)) return vector_matrix(s.n, s.k, a, b, s.ldb, c);
  cblas_dgemm(CblasRowMajor, s.trans_a ? CblasTrans : CblasNoTrans, s.trans_b ? CblasTrans : CblasNoTrans,
              static_cast<int>(s.m), static_cast<int>(s.n), static_cast<int>(s.k), alpha, a, static_cast<int>(s.lda), b,
              static_cast<int>(s.ldb), beta, c, static_cast<int>(s.ldc));
}

}  // namespace kerata::cpu
