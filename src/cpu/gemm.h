// Matrix products for the kernels of this folder: c (m, n) = alpha op(a) op(b) + beta c, row-major.
#pragma once

#include "kerata/core/shape.h"

namespace kerata::cpu {

/// How op(a) (m, k), op(b) (k, n) and c (m, n) lie in memory.
struct GemmShape {
  bool trans_a = false, trans_b = false;
  Dim m = 0, n = 0, k = 0;
  Dim lda = 0, ldb = 0, ldc = 0;  // elements from one stored row to the next
};

/// Dense operands without gaps.
inline GemmShape gemm_shape(bool trans_a, bool trans_b, Dim m, Dim n, Dim k) {
  return {trans_a, trans_b, m, n, k, trans_a ? m : k, trans_b ? k : n, n};
}

/// float: own loops (tiny), own vector-matrix or panel product, else oneDNN or OpenBLAS. double: OpenBLAS.
void gemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c);
void gemm(const GemmShape& s, double alpha, const double* a, const double* b, double beta, double* c);

/// Large products: oneDNN's sgemm where there is oneDNN, else OpenBLAS's (onednn/gemm.cpp, no_onednn/gemm.cpp).
void big_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c);
/// Our own product (panel_gemm.cpp), k > 0; `add`: beta is 1, else 0. Allocates nothing.
void panel_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c);
/// A b that many products share: op(b) (k, n) of s panel by panel, packed_size(k, n) elements. packed_sgemm is
/// panel_sgemm with it (trans_b, ldb: not used).
Dim packed_size(Dim k, Dim n);
void pack_b(const GemmShape& s, const float* b, float* packed);
void packed_sgemm(const GemmShape& s, float alpha, const float* a, const float* packed, bool add, float* c);
/// OpenBLAS's sgemm.
void blas_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c);

/// y (n) = x (k) b (k, n), rows of b `ldb` apart: reads b once, in order.
template <class T>
void vector_matrix(Dim n, Dim k, const T* x, const T* b, Dim ldb, T* y);

/// y (n) = alpha b x + beta y: one sum for each row (k) of b, rows `ldb` apart.
template <class T>
void dot_rows(Dim n, Dim k, T alpha, const T* x, const T* b, Dim ldb, T beta, T* y);

/// Adds bias (n) to each row of y (rows, n), or none (null), then applies a FusedActivation.
template <class T>
void finish_rows(T* y, Dim rows, Dim n, const T* bias, int activation);

}  // namespace kerata::cpu
