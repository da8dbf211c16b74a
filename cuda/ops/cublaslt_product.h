// Products of matrices by cuBLASLt.
#pragma once

#include "cuda/ops/gemm.h"

namespace kerata::cuda {

/// Null where cuBLASLt is not installed or has nothing for this product: batches that are not regular, integers.
std::shared_ptr<const MatrixKernel> make_cublaslt_product(int device, const MatrixProduct& product);

}  // namespace kerata::cuda
