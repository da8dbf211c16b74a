#include "compile/passes.h"

namespace kerata {

Graph optimize(Graph graph, const CompileSettings& settings, Device device) {
  auto apply = [&](bool on, auto pass, auto... target) {
    if (on) graph = pass(std::move(graph), target...);
  };
  apply(true, eliminate_dead);
  apply(settings.constant_folding, fold_constants);
  apply(settings.algebraic, simplify);
  apply(settings.common_subexpressions, eliminate_common);
  apply(true, eliminate_dead);
  apply(settings.algebraic, narrow_halves);
  apply(settings.algebraic, simplify);
  apply(true, eliminate_dead);
  apply(settings.elementwise_fusion && !device.is_cpu(), split_batch_norm);
  apply(settings.matmul_fusion, fuse_epilogues, device);
  apply(settings.matmul_fusion, fuse_pool_gradients);
  apply(settings.matmul_fusion && device.is_cpu(), sink_relu);
  apply(settings.matmul_fusion, fuse_matmul_updates);
  apply(settings.matmul_fusion && device.is_cpu(), fuse_row_gradients);
  apply(settings.elementwise_fusion, fuse_elementwise, device);
  apply(settings.elementwise_fusion && !device.is_cpu(), join_casts);
  apply(true, eliminate_dead);
  apply(true, use_reserves, device);
  return graph;
}

}  // namespace kerata
