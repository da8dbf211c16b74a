// cuBLASLt: NVIDIA's products of matrices, where they are installed.
#pragma once

#include <cublasLt.h>

namespace kerata::cuda {

#define KERATA_CUBLASLT_FUNCTIONS(X)      \
  X(cublasLtCreate)                       \
  X(cublasLtMatmulDescCreate)             \
  X(cublasLtMatmulDescDestroy)            \
  X(cublasLtMatmulDescSetAttribute)       \
  X(cublasLtMatrixLayoutCreate)           \
  X(cublasLtMatrixLayoutDestroy)          \
  X(cublasLtMatrixLayoutSetAttribute)     \
  X(cublasLtMatmulPreferenceCreate)       \
  X(cublasLtMatmulPreferenceDestroy)      \
  X(cublasLtMatmulPreferenceSetAttribute) \
  X(cublasLtMatmulAlgoGetHeuristic)       \
  X(cublasLtMatmul)

struct CublasLt {
#define KERATA_DECLARE(name) decltype(&::name) name = nullptr;
  KERATA_CUBLASLT_FUNCTIONS(KERATA_DECLARE)
#undef KERATA_DECLARE
  bool is_there = false;
};

/// Loaded at the first call.
const CublasLt& cublaslt();
/// One a device, made at its first use, kept until the process ends; null where it cannot be made.
cublasLtHandle_t cublaslt_handle(int device);

}  // namespace kerata::cuda
