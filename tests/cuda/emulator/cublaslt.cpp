// libcublasLt as the tests have it: computes with plain loops what the descriptors say, column-major as the real one.
// It is there only with KERATA_EMULATED_CUBLASLT=1; else it cannot start, and the kernels do without it. What the real
// one forbids (memory that is not aligned as was promised, too little workspace) ends the program.
#include <cublasLt.h>
#include <cuda.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "cuda/emulator/half.h"

extern "C" void kerata_emulator_give(CUstream stream, void (*work)(void*), void* data);

namespace {

using kerata::emulator::from_double;
using kerata::emulator::to_double;
using kerata::emulator::to_tf32;

struct Attributes {
  std::map<int, std::uint64_t> values;
  std::uint64_t get(int which, std::uint64_t otherwise) const {
    const auto found = values.find(which);
    return found == values.end() ? otherwise : found->second;
  }
  cublasStatus_t set(int which, const void* from, size_t bytes) {
    if (!from || (bytes != 4 && bytes != 8)) return CUBLAS_STATUS_INVALID_VALUE;
    std::uint64_t value = 0;
    std::memcpy(&value, from, bytes);
    values[which] = value;
    return CUBLAS_STATUS_SUCCESS;
  }
};
struct Operation : Attributes {
  cublasComputeType_t compute;
  cudaDataType_t scale;
};
struct Layout : Attributes {
  cudaDataType_t type;
  std::uint64_t rows, columns;
  std::int64_t step;
};

constexpr std::uint64_t kWorkspace = 4096;  // of algorithms that read in packs

template <class T>
T* as(const void* handle) {
  return static_cast<T*>(const_cast<void*>(handle));
}

void demand(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "emulated cuBLASLt: %s\n", what);
  std::abort();
}

struct Work {
  Operation operation;
  Layout a, b, c;
  const void *a_data, *b_data;
  void* c_data;
  double alpha, beta;
  const void *alpha_at, *beta_at;  // in the device's memory, or null
};

template <class T>
void multiply(const Work& w) {
  const bool turn_a = w.operation.get(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_N) == CUBLAS_OP_T;
  const bool turn_b = w.operation.get(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N) == CUBLAS_OP_T;
  const std::uint64_t epilogue = w.operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_DEFAULT);
  const auto* bias = reinterpret_cast<const T*>(w.operation.get(CUBLASLT_MATMUL_DESC_BIAS_POINTER, 0));
  const std::uint64_t depth = turn_a ? w.a.rows : w.a.columns;
  demand(depth == (turn_b ? w.b.columns : w.b.rows), "the inner sizes differ");
  demand(w.c.rows == (turn_a ? w.a.columns : w.a.rows), "the rows differ");
  demand(w.c.columns == (turn_b ? w.b.rows : w.b.columns), "the columns differ");
  const std::uint64_t batch = w.c.get(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, 1);
  auto at = [](const Layout& layout, const void* data, std::uint64_t n) {
    demand(static_cast<std::uint64_t>(layout.step) >= layout.rows, "columns overlap");
    return static_cast<const T*>(data) + n * layout.get(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, 0);
  };
  auto index = [](const Layout& layout, std::uint64_t row, std::uint64_t column) {
    return row + column * static_cast<std::uint64_t>(layout.step);
  };
  auto scale = [&](const void* there, double otherwise) {
    if (!there) return otherwise;
    return w.operation.scale == CUDA_R_64F ? *as<double>(there) : static_cast<double>(*as<float>(there));
  };
  const double alpha = scale(w.alpha_at, w.alpha), beta = scale(w.beta_at, w.beta);
  const bool rounds = w.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  auto factor = [rounds](T x) { return rounds ? to_tf32(to_double(x)) : to_double(x); };
  for (std::uint64_t n = 0; n < batch; ++n) {
    const T *a = at(w.a, w.a_data, n), *b = at(w.b, w.b_data, n);
    T* c = const_cast<T*>(at(w.c, w.c_data, n));
    for (std::uint64_t i = 0; i < w.c.rows; ++i)
      for (std::uint64_t j = 0; j < w.c.columns; ++j) {
        double sum = 0;
        for (std::uint64_t k = 0; k < depth; ++k)
          sum += factor(a[turn_a ? index(w.a, k, i) : index(w.a, i, k)]) *
                 factor(b[turn_b ? index(w.b, j, k) : index(w.b, k, j)]);
        T& to = c[index(w.c, i, j)];
        double value = alpha * sum;
        if (beta != 0) value += beta * to_double(to);
        if (epilogue & CUBLASLT_EPILOGUE_BIAS) value += to_double(bias[i]);
        if ((epilogue & CUBLASLT_EPILOGUE_RELU) && value < 0) value = 0;
        to = from_double<T>(value);
      }
  }
}

// Types that go together, by the tables of cublasLtMatmul's documentation.
bool does(cudaDataType_t type, const Operation& operation) {
  const auto compute = operation.compute;
  if (type == CUDA_R_64F) return compute == CUBLAS_COMPUTE_64F && operation.scale == CUDA_R_64F;
  if (operation.scale != CUDA_R_32F) return false;
  if (type == CUDA_R_32F) return compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  return (type == CUDA_R_16F || type == CUDA_R_16BF) && compute == CUBLAS_COMPUTE_32F;
}

void run(const Work& w) {
  switch (w.a.type) {
    case CUDA_R_64F:
      return multiply<double>(w);
    case CUDA_R_16F:
      return multiply<kerata::Half>(w);
    case CUDA_R_16BF:
      return multiply<kerata::BFloat16>(w);
    default:
      return multiply<float>(w);
  }
}

bool is_aligned(const void* memory, std::uint64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(memory) % bytes == 0;
}

}  // namespace

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  const char* there = std::getenv("KERATA_EMULATED_CUBLASLT");
  if (!there || std::strcmp(there, "1") != 0) return CUBLAS_STATUS_NOT_INITIALIZED;
  static int made;
  *handle = reinterpret_cast<cublasLtHandle_t>(&made);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made, cublasComputeType_t compute, cudaDataType_t scale) {
  *made = reinterpret_cast<cublasLtMatmulDesc_t>(new Operation{{}, compute, scale});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  delete as<Operation>(operation);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t which,
                                              const void* value, size_t bytes) {
  return as<Operation>(operation)->set(which, value, bytes);
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType type, uint64_t rows,
                                          uint64_t columns, int64_t step) {
  *made = reinterpret_cast<cublasLtMatrixLayout_t>(new Layout{{}, type, rows, columns, step});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete as<Layout>(layout);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t which,
                                                const void* value, size_t bytes) {
  return as<Layout>(layout)->set(which, value, bytes);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) {
  *made = reinterpret_cast<cublasLtMatmulPreference_t>(new Attributes);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete as<Attributes>(preference);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t which, const void* value,
                                                    size_t bytes) {
  return as<Attributes>(preference)->set(which, value, bytes);
}

// The algorithm says what memory it was promised: its alignment.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int* count) {
  const cudaDataType_t type = as<Layout>(a)->type;
  const Attributes& prefers = *as<Attributes>(preference);
  *count = 0;
  if (wanted < 1 || !does(type, *as<Operation>(operation))) return CUBLAS_STATUS_NOT_SUPPORTED;
  demand((prefers.get(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, CUBLASLT_REDUCTION_SCHEME_MASK) &
          (CUBLASLT_REDUCTION_SCHEME_INPLACE | CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE)) == 0,
         "parts of a sum may be rounded");
  std::uint64_t alignment = 256;
  for (const int which : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    const std::uint64_t promised = prefers.get(which, 256);
    if (promised < alignment) alignment = promised;
  }
  results[0] = {};
  results[0].algo.data[0] = alignment;
  results[0].workspaceSize = alignment >= 16 ? kWorkspace : 0;
  if (results[0].workspaceSize > prefers.get(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, 0)) results[0].workspaceSize = 0;
  *count = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t operation, const void* alpha, const void* a,
                              cublasLtMatrixLayout_t a_layout, const void* b, cublasLtMatrixLayout_t b_layout,
                              const void* beta, const void* c, cublasLtMatrixLayout_t, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo, void* workspace,
                              size_t workspace_bytes, cudaStream_t stream) {
  const std::uint64_t alignment = algo->data[0];
  const auto* bias = reinterpret_cast<const void*>(as<Operation>(operation)->get(CUBLASLT_MATMUL_DESC_BIAS_POINTER, 0));
  demand(c == d, "the result is not where its old content is");
  for (const void* memory : {a, b, static_cast<const void*>(d), bias})
    demand(is_aligned(memory, alignment), "memory is not aligned as was promised");
  demand(alignment < 16 || workspace_bytes >= kWorkspace, "too little workspace");
  demand(workspace_bytes == 0 || (workspace && is_aligned(workspace, 256)), "the workspace is not aligned");
  const bool wide = as<Operation>(operation)->scale == CUDA_R_64F;
  const bool on_device = as<Operation>(operation)->get(CUBLASLT_MATMUL_DESC_POINTER_MODE, CUBLASLT_POINTER_MODE_HOST) ==
                         CUBLASLT_POINTER_MODE_DEVICE;
  auto number = [wide](const void* at) { return wide ? *as<double>(at) : static_cast<double>(*as<float>(at)); };
  auto* work = new Work{*as<Operation>(operation),
                        *as<Layout>(a_layout),
                        *as<Layout>(b_layout),
                        *as<Layout>(d_layout),
                        a,
                        b,
                        d,
                        on_device ? 0 : number(alpha),
                        on_device ? 0 : number(beta),
                        on_device ? alpha : nullptr,
                        on_device ? beta : nullptr};
  // Kept: a recorded graph runs it again and again.
  kerata_emulator_give(
      reinterpret_cast<CUstream>(stream), [](void* data) { run(*static_cast<Work*>(data)); }, work);
  return CUBLAS_STATUS_SUCCESS;
}
}
