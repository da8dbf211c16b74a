// Without oneDNN: the native kernels stay, and OpenBLAS does the large products.
#include "cpu/gemm.h"
#include "cpu/register.h"

namespace kerata::cpu {

void register_onednn_kernels(KernelRegistry&) {}

void big_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, float beta, float* c) {
  blas_sgemm(s, alpha, a, b, beta, c);
}

}  // namespace kerata::cpu
