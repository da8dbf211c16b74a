// One kernel of a registry, prepared and run.
#pragma once

#include <string>
#include <vector>

#include "backend/buffer.h"
#include "graph/node.h"
#include "graph/op_def.h"
#include "support/golden.h"

namespace kerata::test {

inline Tensor run_kernel(const KernelRegistry& registry, const OpDef& op, const std::vector<Tensor>& inputs,
                         const Attrs& attrs) {
  std::vector<ValueType> in;
  std::vector<const void*> from;
  for (const Tensor& x : inputs) {
    in.push_back({x.dtype(), x.shape()});
    from.push_back(output_of(x).data());
  }
  const std::vector<ValueType> out = op.infer(in, attrs);
  const auto kernel = registry.prepare({op, in, out, attrs});
  const Tensor result = concrete(out[0]);
  const BufferPtr workspace = kernel->workspace_bytes ? allocate(kernel->workspace_bytes) : nullptr;
  void* to = output_of(result).data();
  KernelStatus status;
  kernel->run({from.data(), &to, workspace ? workspace->data() : nullptr, &status});
  return result;
}

/// The best kernel on bfloat16 operands (which lose nothing as float32) against the best one on the same in float32:
/// rounded once, by at most half a unit of 8 bits. On a processor without such a kernel both are the same one.
inline void expect_rounded_once(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                                const std::string& what) {
  std::vector<Tensor> small, wide;
  for (const Tensor& x : inputs) {
    small.push_back(x.cast("bfloat16"));
    wide.push_back(small.back().cast("float32"));
  }
  const Tensor found = run_kernel(kernels(), op, small, attrs), expected = run_kernel(kernels(), op, wide, attrs);
  EXPECT_EQ(found.dtype(), DType::bfloat16) << what;
  golden::expect_near_all(found.cast("float32"), expected, {0x1p-8, 1e-4}, what);
}

}  // namespace kerata::test
