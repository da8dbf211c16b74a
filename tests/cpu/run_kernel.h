// One kernel of a registry, prepared and run.
#pragma once

#include <string>
#include <vector>

#include "backend/buffer.h"
#include "graph/node.h"
#include "graph/op_def.h"
#include "support/golden.h"

namespace kerata::test {

inline std::vector<Tensor> run_kernel(const KernelRegistry& registry, const OpDef& op,
                                      const std::vector<Tensor>& inputs, const Attrs& attrs) {
  std::vector<ValueType> in;
  std::vector<const void*> from;
  for (const Tensor& x : inputs) {
    in.push_back({x.dtype(), x.shape()});
    from.push_back(output_of(x).data());
  }
  const std::vector<ValueType> out = op.infer(in, attrs);
  const auto kernel = registry.prepare({op, in, out, attrs});
  std::vector<Tensor> results;
  std::vector<void*> to;
  for (const ValueType& type : out) {
    results.push_back(concrete(type));
    to.push_back(output_of(results.back()).data());
  }
  const BufferPtr workspace = kernel->workspace_bytes ? allocate(kernel->workspace_bytes) : nullptr;
  KernelStatus status;
  kernel->run({from.data(), to.data(), workspace ? workspace->data() : nullptr, &status});
  return results;
}

/// The best kernel on bfloat16 operands (which lose nothing as float32) against the best one on the same in float32:
/// rounded once, by at most half a unit of 8 bits; atol: what another order of summation may change. On a processor
/// without such a kernel both are the same one.
inline void expect_rounded_once(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                                const std::string& what, double atol = 1e-4) {
  std::vector<Tensor> small, wide;
  for (const Tensor& x : inputs) {
    small.push_back(x.cast("bfloat16"));
    wide.push_back(small.back().cast("float32"));
  }
  const std::vector<Tensor> found = run_kernel(kernels(), op, small, attrs),
                            expected = run_kernel(kernels(), op, wide, attrs);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].dtype(), DType::bfloat16) << what;
    golden::expect_near_all(found[i].cast("float32"), expected[i], {0x1p-8, atol}, what);
  }
}

}  // namespace kerata::test
