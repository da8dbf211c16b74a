// The three passes of a convolution, and kernels of our own for them.
#pragma once

#include <mutex>
#include <vector>

#include "cuda/ops/window_shape.h"
#include "ops/nn_attrs.h"

namespace kerata::cuda {

/// kConv [x, kernel(, bias)], kConvInputGrad [kernel, dy], kConvKernelGrad [x, dy]. Values as in conv.cuh.
enum class ConvPass : int { forward, images, kernel };

WindowShape conv_shape(const KernelSpec& spec, ConvPass pass);
/// Takes all types and shapes, and memory at any address.
std::unique_ptr<Kernel> make_own_conv(const KernelSpec& spec, ConvPass pass);

/// The same, made when it is first needed: nothing is compiled before.
class LateConv {
 public:
  LateConv(const KernelSpec& spec, ConvPass pass);
  std::size_t workspace_bytes() const { return workspace_bytes_; }
  void run(const KernelArgs& args) const;

 private:
  const OpDef& op_;
  std::vector<ValueType> in_, out_;
  Attrs attrs_;
  Device device_;
  ConvPass pass_;
  std::size_t workspace_bytes_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<Kernel> kernel_;
};

/// Kernels for the three ops from `kMake`, which may return null to decline.
template <std::unique_ptr<Kernel> (*kMake)(const KernelSpec& spec, ConvPass pass)>
void register_passes(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kConv, [](const KernelSpec& spec) { return kMake(spec, ConvPass::forward); });
  registry.add(kCuda, ops::kConvInputGrad, [](const KernelSpec& spec) { return kMake(spec, ConvPass::images); });
  registry.add(kCuda, ops::kConvKernelGrad, [](const KernelSpec& spec) { return kMake(spec, ConvPass::kernel); });
}

}  // namespace kerata::cuda
