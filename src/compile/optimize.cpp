#include "compile/passes.h"

namespace kerata {

Graph optimize(Graph graph, const CompileSettings& settings, Device device) {
  struct Pass {
    bool on;
    Graph (*run)(Graph);
  };
  const Pass passes[] = {
      {true, eliminate_dead},
      {settings.constant_folding, fold_constants},
      {settings.algebraic, simplify},
      {settings.common_subexpressions, eliminate_common},
      {settings.algebraic, narrow_halves},
      {settings.algebraic, simplify},
      {true, eliminate_dead},
      {settings.matmul_fusion, device.is_cpu() ? fuse_epilogues : fuse_all_epilogues},
      {settings.matmul_fusion, fuse_pool_gradients},
      {settings.matmul_fusion && device.is_cpu(), sink_relu},
      {settings.matmul_fusion, fuse_matmul_updates},
      {settings.matmul_fusion && device.is_cpu(), fuse_row_gradients},
      {settings.elementwise_fusion, fuse_elementwise},
      {true, eliminate_dead},
  };
  for (const Pass& pass : passes)
    if (pass.on) graph = pass.run(std::move(graph));
  return use_reserves(std::move(graph), device);
}

}  // namespace kerata
