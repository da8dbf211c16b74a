// Products of bfloat16 by oneDNN, on processors with AMX; those of float32 are gemm's.
#include <oneapi/dnnl/dnnl_types.h>

#include "backend/determinism.h"
#include "cpu/onednn/dnnl.h"
#include "cpu/onednn/kernels.h"

namespace kerata::cpu::onednn {
namespace {

constexpr Dim kManyProducts = 1 << 16;  // multiply-adds that pay for oneDNN's calls; fewer in float32 between casts

bool usable(const KernelSpec& spec, const MatmulPlan& plan) {
  if (spec.in[0].dtype != DType::bfloat16 || deterministic_ops()) return false;
  if (plan.has_bias || plan.activation != ops::FusedActivation::none || !plan.offsets.empty()) return false;
  return plan.batch * plan.shape.m * plan.shape.n * plan.shape.k >= kManyProducts;
}

std::unique_ptr<Kernel> prepare_matmul(const KernelSpec& spec) {
  const MatmulPlan plan = matmul_plan(spec);
  if (!usable(spec, plan)) return nullptr;
  auto made = matmul(plan);
  if (!made) return nullptr;
  const std::size_t bytes = made->scratch_bytes();
  return make_kernel(
      [product = std::move(*made)](const KernelArgs& args) {
        const Argument arguments[] = {
            {DNNL_ARG_SRC, args.in[0]}, {DNNL_ARG_WEIGHTS, args.in[1]}, {DNNL_ARG_DST, args.out[0]}};
        product.execute(arguments, args.workspace);
      },
      bytes);
}

}  // namespace

void register_matmul(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kMatmul, prepare_matmul);
}

}  // namespace kerata::cpu::onednn
