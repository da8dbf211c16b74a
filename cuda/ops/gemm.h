// Products of matrices for the kernels of this folder. Everything is row-major.
#pragma once

#include <vector>

#include "cuda/ops/sources.h"
#include "ops/linalg_attrs.h"

namespace kerata::cuda {

/// out (batch, m, n) = activation(op(a) op(b) + bias); rows `lda`, `ldb`, `ldc` elements apart, 0: without gaps.
struct MatrixProduct {
  DType dtype = DType::float32, result = DType::float32;
  bool trans_a = false, trans_b = false;
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t lda = 0, ldb = 0, ldc = 0;
  struct Batch {
    std::int64_t size, a, b;  // strides of the operands, in elements: 0 where one serves all
  };
  std::vector<Batch> batch = {};  // outermost first; at most 6
  std::int64_t step = 0;          // from one result of the batch to the next, 0: without gaps
  bool has_bias = false;
  int activation = ops::FusedActivation::none;
  bool adds = false;     // out += op(a) op(b)
  bool updates = false;  // out -= rate * op(a) op(b)
};

/// What a product reads and writes.
struct ProductMemory {
  const void *a, *b;
  void* out;
  const void* bias = nullptr;
  const void* rate = nullptr;
  void* workspace = nullptr;  // workspace_bytes()
};

class MatrixKernel {
 public:
  virtual ~MatrixKernel() = default;
  virtual void run(const ProductMemory& memory, const KernelArgs& args) const = 0;
  std::size_t workspace_bytes = 0;
};

/// The fastest there is: cuBLASLt's, where that is installed and takes the product, else our own; also our own where it
/// is so small that it is joined with the kernels around it.
std::shared_ptr<const MatrixKernel> make_product(int device, const MatrixProduct& product);
std::shared_ptr<const MatrixKernel> make_own_product(int device, const MatrixProduct& product);

/// As in gemm_result.cuh.
struct ProductParameters {
  long long m, n, k, layers, part_k;
  Divide parts, squares_n;
  void* out;
  const void* bias;
  const void* rate;
  long long row, step, bias_step;
  int activation, adds;
};

/// How a product is laid out on the GPU: squares of the result, and k in parts where there are few squares.
struct ProductPlan {
  ProductPlan(DType dtype, std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k);
  /// At most `blocks`, unless there are more squares, and parts of at least `least_part` steps along k.
  ProductPlan(DType dtype, std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t blocks,
              std::int64_t least_part);
  /// What stands in front of gemm.cuh's operands.
  std::string types(DType dtype, DType result, std::int64_t largest, bool a_along_k, bool b_along_k) const;
  std::size_t workspace_bytes() const;
  /// Adds up the parts.
  struct Finish {
    KernelFunction function;
    void run(int device, const ProductPlan& plan, const ProductParameters& product, const void* partial,
             const KernelArgs& args) const;
  };
  Finish finish(int device, const std::string& types) const;

  std::int64_t batch, m, n, k, parts = 1, part_k;
  int per_thread = 4;  // results along each side
  std::size_t sum_bytes;
  Grid grid;
  ProductParameters parameters;
};

}  // namespace kerata::cuda
