// oneDNN's sgemm for large products: faster there than OpenBLAS 0.3.21 on all shapes measured.
#include <dnnl.h>

#include "cpu/gemm.h"

namespace kerata::cpu {

void big_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c) {
  const auto status = dnnl_sgemm(s.trans_a ? 'T' : 'N', s.trans_b ? 'T' : 'N', s.m, s.n, s.k, alpha, a, s.lda, b, s.ldb,
                                 beta, c, s.ldc);
  if (status != dnnl_success) blas_sgemm(s, alpha, a, b, beta, c);
}

}  // namespace kerata::cpu
