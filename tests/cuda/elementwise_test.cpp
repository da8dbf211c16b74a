// Elementwise kernels and fused chains of the GPU against the CPU's.
#include "compile/executable.h"
#include "graph/node.h"
#include "kerata/kerata.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

TEST(CudaElementwise, AddsOnTheDevice) {
  const Tensor a = ops::arange(0, 1000).cast("float32"), b = ops::arange(1000, 2000).cast("float32");
  const Tensor sum = a.to(Device::cuda()) + b.to(Device::cuda());
  EXPECT_EQ(sum.device(), Device::cuda());
  EXPECT_EQ(sum.to_vector<float>(), (a + b).to_vector<float>());
}

}  // namespace
}  // namespace kerata
