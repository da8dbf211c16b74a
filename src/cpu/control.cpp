// custom_gradient's outputs are copies; the families of this folder's network kernels.
#include <cstring>
#include <vector>

#include "cpu/nn_kernels.h"
#include "cpu/register.h"
#include "ops/control_attrs.h"

namespace kerata::cpu {
namespace {

std::unique_ptr<Kernel> prepare_custom_gradient(const KernelSpec& spec) {
  const std::size_t first = spec.in.size() - spec.out.size();
  std::vector<std::size_t> sizes;
  for (const ValueType& type : spec.out) sizes.push_back(bytes_of(type));
  return make_kernel([first, sizes = std::move(sizes)](const KernelArgs& args) {
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (sizes[i] > 0) std::memcpy(args.out[i], args.in[first + i], sizes[i]);
  });
}

}  // namespace

void register_control_kernels(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kCustomGradient, prepare_custom_gradient);
}

void register_nn_kernels(KernelRegistry& registry) {
  register_softmax_kernels(registry);
  register_conv_kernels(registry);
  register_pool_kernels(registry);
  register_batch_norm_kernels(registry);
  register_lstm_kernels(registry);
  register_control_kernels(registry);
}

}  // namespace kerata::cpu
