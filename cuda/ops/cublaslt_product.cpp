// cuBLASLt is column-major: a row-major matrix is the transposed of what it sees, so that it is asked for
// out^T = op(b)^T op(a)^T, with b first. The bias lies along the rows of out^T, as its epilogue wants it.
#include "cuda/ops/cublaslt_product.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "backend/tensor_float_32.h"
#include "core/require.h"
#include "cuda/driver/cublaslt.h"
#include "cuda/ops/move.h"

namespace kerata::cuda {
namespace {

using ops::FusedActivation;

constexpr std::size_t kMostWorkspace = std::size_t{32} << 20;  // what NVIDIA advises for sm_90
constexpr std::size_t kWorkspaceAlignment = 256;
constexpr std::uint32_t kPackBytes = 16;  // memory that may be read in packs is aligned so

struct Types {
  cudaDataType_t data, scale;
  cublasComputeType_t compute;
};
Types types_of(DType dtype) {
  switch (dtype) {
    case DType::float64:
      return {CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F};
    case DType::float16:
      return {CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case DType::bfloat16:
      return {CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    default:
      return {CUDA_R_32F, CUDA_R_32F, tensor_float_32() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F};
  }
}

// One of cuBLASLt's descriptors; empty when one of its settings was refused.
template <class Handle, class Destroy>
class Descriptor {
 public:
  Descriptor(Handle handle, Destroy destroy) : handle_(handle), destroy_(destroy) {}
  ~Descriptor() {
    if (handle_) destroy_(handle_);
  }
  Descriptor(Descriptor&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), destroy_(other.destroy_) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Handle get() const { return handle_; }

 private:
  Handle handle_;
  Destroy destroy_;
};
using Operation = Descriptor<cublasLtMatmulDesc_t, decltype(&::cublasLtMatmulDescDestroy)>;
using Layout = Descriptor<cublasLtMatrixLayout_t, decltype(&::cublasLtMatrixLayoutDestroy)>;
using Preference = Descriptor<cublasLtMatmulPreference_t, decltype(&::cublasLtMatmulPreferenceDestroy)>;

void check(cublasStatus_t status, const char* what) {
  require<BackendError>(status == CUBLAS_STATUS_SUCCESS, "CUDA", what, " failed with status ", static_cast<int>(status),
                        '.');
}

template <class T>
void set(const Operation& operation, cublasLtMatmulDescAttributes_t which, const T& value) {
  check(cublaslt().cublasLtMatmulDescSetAttribute(operation.get(), which, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}

bool is_relu(const MatrixProduct& product) { return product.activation == FusedActivation::relu; }

Operation make_operation(const MatrixProduct& product) {
  const Types types = types_of(product.dtype);
  cublasLtMatmulDesc_t made = nullptr;
  check(cublaslt().cublasLtMatmulDescCreate(&made, types.compute, types.scale), "cublasLtMatmulDescCreate");
  Operation operation(made, cublaslt().cublasLtMatmulDescDestroy);
  set(operation, CUBLASLT_MATMUL_DESC_TRANSA, product.trans_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(operation, CUBLASLT_MATMUL_DESC_TRANSB, product.trans_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  const bool relu = is_relu(product);
  const cublasLtEpilogue_t epilogue = product.has_bias ? (relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS)
                                      : relu           ? CUBLASLT_EPILOGUE_RELU
                                                       : CUBLASLT_EPILOGUE_DEFAULT;
  set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
  if (product.updates) set(operation, CUBLASLT_MATMUL_DESC_POINTER_MODE, CUBLASLT_POINTER_MODE_DEVICE);
  return operation;
}

void set_bias(const Operation& operation, const void* bias) { set(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias); }

// A row-major matrix (rows, columns), rows `row` elements apart: columns x rows to cuBLASLt.
Layout make_layout(DType dtype, std::int64_t rows, std::int64_t columns, std::int64_t row, std::int64_t batch,
                   std::int64_t step) {
  cublasLtMatrixLayout_t made = nullptr;
  check(cublaslt().cublasLtMatrixLayoutCreate(&made, types_of(dtype).data, static_cast<std::uint64_t>(columns),
                                              static_cast<std::uint64_t>(rows), row),
        "cublasLtMatrixLayoutCreate");
  Layout layout(made, cublaslt().cublasLtMatrixLayoutDestroy);
  if (batch == 1) return layout;
  const auto count = static_cast<std::int32_t>(batch);
  check(cublaslt().cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count),
        "cublasLtMatrixLayoutSetAttribute");
  check(cublaslt().cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &step,
                                                    sizeof step),
        "cublasLtMatrixLayoutSetAttribute");
  return layout;
}

Layout layout_a(const MatrixProduct& p, std::int64_t batch) {
  const std::int64_t rows = p.trans_a ? p.k : p.m, columns = p.trans_a ? p.m : p.k;
  return make_layout(p.dtype, rows, columns, p.lda ? p.lda : columns, batch, batch > 1 ? p.batch[0].a : 0);
}
Layout layout_b(const MatrixProduct& p, std::int64_t batch) {
  const std::int64_t rows = p.trans_b ? p.n : p.k, columns = p.trans_b ? p.k : p.n;
  return make_layout(p.dtype, rows, columns, p.ldb ? p.ldb : columns, batch, batch > 1 ? p.batch[0].b : 0);
}
Layout layout_out(const MatrixProduct& p, std::int64_t batch) {
  return make_layout(p.dtype, p.m, p.n, p.ldc ? p.ldc : p.n, batch, p.step ? p.step : p.m * p.n);
}

Preference make_preference(std::uint32_t alignment) {
  cublasLtMatmulPreference_t made = nullptr;
  check(cublaslt().cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  Preference preference(made, cublaslt().cublasLtMatmulPreferenceDestroy);
  auto prefer = [&](cublasLtMatmulPreferenceAttributes_t which, const auto& value) {
    check(cublaslt().cublasLtMatmulPreferenceSetAttribute(made, which, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(kMostWorkspace));
  // Parts of a sum are not added up in half types.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE | CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  for (const auto which : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                           CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    prefer(which, alignment);
  return preference;
}

// The kernels of our own that surround a product: factors in the device's memory, activations that cuBLASLt has not.
class Surroundings {
 public:
  Surroundings(int device, const MatrixProduct& product, std::int64_t batch)
      : device_(device), total_(batch * product.m * product.n), activation_(product.activation) {
    const bool activates = product.activation != FusedActivation::none && !is_relu(product);
    if (!activates && !product.updates) return;
    const char* sum = product.dtype == DType::float64 ? "typedef double Acc;\n" : "typedef float Acc;\n";
    const std::string text = indexing(total_) + typed("R", product.result) + sum + kernel_text("gemm_result.cuh");
    if (activates) activate_ = function_of(device, {text, "activate", {}});
    if (product.updates) scales_ = function_of(device, {text, "update_scales", {}});
  }
  void before(const ProductMemory& memory, void* scales, const KernelArgs& args) const {
    struct Parameters {
      const void* rate;
      void* scales;
    };
    if (scales_) launch(device_, scales_, Grid{}, Parameters{memory.rate, scales}, args);
  }
  void after(const ProductMemory& memory, const KernelArgs& args) const {
    struct Parameters {
      void* out;
      long long total;
      int activation;
    };
    if (activate_) launch(device_, activate_, grid_for(total_), Parameters{memory.out, total_, activation_}, args);
  }

 private:
  int device_;
  std::int64_t total_;
  int activation_;
  KernelFunction activate_, scales_;
};

class CublasLtProduct final : public MatrixKernel {
 public:
  CublasLtProduct(int device, cublasLtHandle_t handle, const MatrixProduct& product)
      : device_(device),
        handle_(handle),
        product_(product),
        batch_(product.batch.empty() ? 1 : product.batch[0].size),
        surroundings_(device, product, batch_),
        operation_(make_operation(product)),
        a_(layout_a(product, batch_)),
        b_(layout_b(product, batch_)),
        out_(layout_out(product, batch_)) {
    is_usable = find(kPackBytes, packed_) && find(static_cast<std::uint32_t>(size_of(product.dtype)), single_);
    const std::size_t needed = std::max(packed_.workspaceSize, single_.workspaceSize);
    workspace_bytes = needed + 2 * kWorkspaceAlignment;  // the factors lie in front
  }

  void run(const ProductMemory& memory, const KernelArgs& args) const override {
    context_of(device_).enter();
    std::byte* workspace = aligned_workspace(memory.workspace);
    surroundings_.before(memory, workspace, args);
    const double double_scales[] = {1, product_.adds ? 1.0 : 0.0};
    const float float_scales[] = {1, product_.adds ? 1.0f : 0.0f};
    const bool wide = product_.dtype == DType::float64;
    const void* scales = product_.updates ? workspace : wide ? static_cast<const void*>(double_scales) : float_scales;
    const void* kept = static_cast<const std::byte*>(scales) + (wide ? sizeof(double) : sizeof(float));
    const cublasLtMatmulHeuristicResult_t& found = are_packed(memory) ? packed_ : single_;
    {
      const std::lock_guard lock(mutex_);  // the bias is a part of the operation
      if (product_.has_bias) set_bias(operation_, memory.bias);
      check(cublaslt().cublasLtMatmul(handle_, operation_.get(), scales, memory.b, b_.get(), memory.a, a_.get(), kept,
                                      memory.out, out_.get(), memory.out, out_.get(), &found.algo,
                                      workspace + kWorkspaceAlignment, found.workspaceSize,
                                      stream_of(device_, args.queue)),
            "cublasLtMatmul");
    }
    surroundings_.after(memory, args);
  }

  bool is_usable = false;

 private:
  static std::byte* aligned_workspace(void* memory) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    return static_cast<std::byte*>(memory) +
           (kWorkspaceAlignment - address % kWorkspaceAlignment) % kWorkspaceAlignment;
  }
  bool are_packed(const ProductMemory& memory) const {
    return is_aligned(memory.a, kPackBytes) && is_aligned(memory.b, kPackBytes) && is_aligned(memory.out, kPackBytes) &&
           (!product_.has_bias || is_aligned(memory.bias, kPackBytes));
  }

  // The algorithm for memory of this alignment; the library reads that of the bias from its address.
  bool find(std::uint32_t alignment, cublasLtMatmulHeuristicResult_t& result) const {
    if (product_.has_bias) set_bias(operation_, reinterpret_cast<const void*>(static_cast<std::uintptr_t>(alignment)));
    const Preference preference = make_preference(alignment);
    int count = 0;
    const cublasStatus_t status = cublaslt().cublasLtMatmulAlgoGetHeuristic(
        handle_, operation_.get(), b_.get(), a_.get(), out_.get(), out_.get(), preference.get(), 1, &result, &count);
    return status == CUBLAS_STATUS_SUCCESS && count == 1 && result.state == CUBLAS_STATUS_SUCCESS;
  }

  int device_;
  cublasLtHandle_t handle_;
  MatrixProduct product_;
  std::int64_t batch_;
  Surroundings surroundings_;
  mutable std::mutex mutex_;
  Operation operation_;
  Layout a_, b_, out_;
  cublasLtMatmulHeuristicResult_t packed_ = {}, single_ = {};
};

}  // namespace

std::shared_ptr<const MatrixKernel> make_cublaslt_product(int device, const MatrixProduct& product) {
  const bool takes = is_floating(product.dtype) && product.dtype == product.result && product.k > 0 &&
                     product.batch.size() <= 1 && product.ldc == 0 && product.step == 0;
  if (!takes || std::max({product.m, product.n, product.k}) >= std::int64_t{1} << 31) return nullptr;
  context_of(device).enter();
  const cublasLtHandle_t handle = cublaslt_handle(device);
  if (!handle) return nullptr;
  auto made = std::make_shared<CublasLtProduct>(device, handle, product);
  return made->is_usable ? made : nullptr;
}

}  // namespace kerata::cuda
