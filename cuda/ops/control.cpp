// custom_gradient on a GPU: its outputs are copies. (stop_gradient is a view.)
#include "cuda/ops/register.h"
#include "cuda/runtime/launch.h"
#include "ops/control_attrs.h"

namespace kerata::cuda {
namespace {

std::unique_ptr<Kernel> prepare_custom_gradient(const KernelSpec& spec) {
  const std::size_t first = spec.in.size() - spec.out.size();
  std::vector<std::size_t> sizes;
  for (const ValueType& type : spec.out) sizes.push_back(bytes_of(type));
  return make_device_kernel([first, sizes = std::move(sizes), device = spec.device.index()](const KernelArgs& args) {
    DeviceBackend& backend = *cuda_backend();
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (sizes[i] > 0)
        backend.copy(device, args.output<std::byte>(i), args.input<std::byte>(first + i), sizes[i], args.queue);
  });
}

}  // namespace

void register_control(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cuda, ops::kCustomGradient, prepare_custom_gradient);
}

}  // namespace kerata::cuda
