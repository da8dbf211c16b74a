#include "cuda/ops/gemm.h"

#include <algorithm>
#include <optional>

#include "cuda/ops/cublaslt_product.h"
#include "cuda/runtime/joined_launch.h"

namespace kerata::cuda {
namespace {

constexpr std::int64_t kBusy = 264;       // blocks that keep a GPU of 132 multiprocessors at work
constexpr std::int64_t kLeastPart = 128;  // of k
// Where blocks are few, they are soon done only with short parts: each 16 steps along k wait for memory once.
constexpr std::int64_t kLeastSmallPart = 32, kMostSmallPart = 128;

const char* sum_name(DType dtype) {
  if (dtype == DType::float64) return "double";
  if (is_floating(dtype)) return "float";
  return dtype == DType::int64 ? "unsigned long long" : "unsigned int";
}

std::int64_t squares(std::int64_t m, std::int64_t n, std::int64_t side) {
  return ((m + side - 1) / side) * ((n + side - 1) / side);
}

}  // namespace

ProductPlan::ProductPlan(DType dtype, std::int64_t batches, std::int64_t rows, std::int64_t columns, std::int64_t depth)
    : ProductPlan(dtype, batches, rows, columns, depth, kBusy, kLeastPart) {}

ProductPlan::ProductPlan(DType dtype, std::int64_t batches, std::int64_t rows, std::int64_t columns, std::int64_t depth,
                         std::int64_t most_blocks, std::int64_t least_part)
    : batch(batches), m(rows), n(columns), k(depth), part_k(depth), sum_bytes(size_of(dtype) == 8 ? 8 : 4) {
  if (sum_bytes == 4 && squares(m, n, 128) * batch >= kBusy) per_thread = 8;
  const std::int64_t side = 16 * per_thread, blocks = squares(m, n, side) * batch;
  if (blocks < most_blocks) parts = std::clamp<std::int64_t>(std::min(most_blocks / blocks, k / least_part), 1, 64);
  if (parts > 1) {
    part_k = (k + parts - 1) / parts;
    part_k = (part_k + 15) / 16 * 16;
    parts = (k + part_k - 1) / part_k;
  }
  grid.x = static_cast<unsigned>(squares(m, n, side));
  grid.z = static_cast<unsigned>(std::min<std::int64_t>(batch * parts, 65535));
  parameters = {};
  parameters.m = m;
  parameters.n = n;
  parameters.k = k;
  parameters.layers = batch * parts;
  parameters.part_k = part_k;
  parameters.parts = divide_by(parts);
  parameters.squares_n = divide_by((n + side - 1) / side);
  parameters.row = n;
  parameters.step = m * n;
}

std::string ProductPlan::types(DType dtype, DType result, std::int64_t largest, bool a_along_k, bool b_along_k) const {
  return indexing(std::max(largest, batch * parts * m * n)) + typed("T", dtype) + typed("R", result) +
         join_text("typedef ", sum_name(dtype), " Acc;\n#define TM ", per_thread, "\n#define A_ALONG_K ",
                   a_along_k ? 1 : 0, "\n#define B_ALONG_K ", b_along_k ? 1 : 0, '\n') +
         kernel_text("gemm_result.cuh");
}

std::size_t ProductPlan::workspace_bytes() const {
  return parts > 1 ? static_cast<std::size_t>(batch * parts * m * n) * sum_bytes : 0;
}

ProductPlan::Finish ProductPlan::finish(int device, const std::string& types) const {
  return {parts > 1 ? function_of(device, {types, "sum_parts", {}}) : KernelFunction()};
}

void ProductPlan::Finish::run(int device, const ProductPlan& plan, const ProductParameters& product,
                              const void* partial, const KernelArgs& args) const {
  struct Parameters {
    const void* partial;
    long long total;
    Divide columns, rows;
    ProductParameters product;
  };
  if (!function) return;
  const long long total = plan.batch * plan.m * plan.n;
  launch(device, function, grid_for(total, 4), Parameters{partial, total, divide_by(plan.n), divide_by(plan.m), product},
         args);
}

namespace {

struct MatmulParameters {
  ProductParameters product;
  void* partial;
  const void *a, *b;
  long long a_row, a_depth, b_depth, b_column, batch_rank;
  struct {
    Divide size;
    long long a, b;
  } batch[6];
};

std::int64_t batch_size(const MatrixProduct& product) {
  std::int64_t size = 1;
  for (const MatrixProduct::Batch& axis : product.batch) size *= axis.size;
  return size;
}

class OwnProduct final : public MatrixKernel {
 public:
  OwnProduct(int device, const MatrixProduct& p, const ProductPlan& plan)
      : device_(device), plan_(plan), has_bias_(p.has_bias), updates_(p.updates) {
    workspace_bytes = plan_.workspace_bytes();
    const std::int64_t lda = p.lda ? p.lda : p.trans_a ? p.m : p.k, ldb = p.ldb ? p.ldb : p.trans_b ? p.k : p.n;
    fixed_ = {};
    fixed_.product = plan_.parameters;
    if (p.ldc) fixed_.product.row = p.ldc;
    if (p.step) fixed_.product.step = p.step;
    fixed_.product.activation = p.activation;
    fixed_.product.adds = p.adds ? 1 : 0;
    fixed_.a_row = p.trans_a ? 1 : lda;
    fixed_.a_depth = p.trans_a ? lda : 1;
    fixed_.b_depth = p.trans_b ? 1 : ldb;
    fixed_.b_column = p.trans_b ? ldb : 1;
    std::int64_t a_reach = (p.trans_a ? p.k : p.m) * lda, b_reach = (p.trans_b ? p.n : p.k) * ldb;
    for (const MatrixProduct::Batch& axis : p.batch) {
      fixed_.batch[fixed_.batch_rank++] = {divide_by(axis.size), axis.a, axis.b};
      a_reach += axis.a * (axis.size - 1);
      b_reach += axis.b * (axis.size - 1);
    }
    const std::int64_t out_reach = p.m * fixed_.product.row + (batch_size(p) - 1) * fixed_.product.step;
    const std::string types =
        plan_.types(p.dtype, p.result, std::max({a_reach, b_reach, out_reach}), !p.trans_a, p.trans_b);
    function_ = function_of(device, {types + kernel_text("matmul.cuh") + kernel_text("gemm.cuh"), "gemm", {}});
    finish_ = plan_.finish(device, types);
  }

  void run(const ProductMemory& memory, const KernelArgs& args) const override {
    MatmulParameters p = fixed_;
    p.a = memory.a;
    p.b = memory.b;
    p.partial = workspace_bytes ? memory.workspace : nullptr;
    p.product.out = memory.out;
    p.product.bias = has_bias_ ? memory.bias : nullptr;
    p.product.rate = updates_ ? memory.rate : nullptr;
    launch(device_, function_, plan_.grid, p, args);
    finish_.run(device_, plan_, p.product, p.partial, args);
  }

 private:
  int device_;
  ProductPlan plan_;
  bool has_bias_, updates_;
  MatmulParameters fixed_;
  KernelFunction function_;
  ProductPlan::Finish finish_;
};

// Of a product whose kernels can be joined with others, and take no longer than a library's.
std::optional<ProductPlan> small_plan(int device, const MatrixProduct& p) {
  const std::int64_t most = most_joined_blocks(context_of(device));
  const ProductPlan plan(p.dtype, batch_size(p), p.m, p.n, p.k, most, kLeastSmallPart);
  const bool is_small = std::int64_t{plan.grid.x} * plan.grid.z <= most && plan.part_k <= kMostSmallPart;
  return is_small ? std::optional(plan) : std::nullopt;
}

class NoProduct final : public MatrixKernel {
 public:
  void run(const ProductMemory&, const KernelArgs&) const override {}
};

}  // namespace

std::shared_ptr<const MatrixKernel> make_own_product(int device, const MatrixProduct& product) {
  const MatrixProduct& p = product;
  return std::make_shared<OwnProduct>(device, p, ProductPlan(p.dtype, batch_size(p), p.m, p.n, p.k));
}

std::shared_ptr<const MatrixKernel> make_product(int device, const MatrixProduct& product) {
  if (batch_size(product) * product.m * product.n == 0) return std::make_shared<NoProduct>();
  if (const auto plan = small_plan(device, product)) return std::make_shared<OwnProduct>(device, product, *plan);
  if (auto made = make_cublaslt_product(device, product)) return made;
  return make_own_product(device, product);
}

}  // namespace kerata::cuda
