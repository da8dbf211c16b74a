// Launching kernels: grids, and Kernels made of one function and its parameters.
#pragma once

#include "backend/kernel.h"
#include "cuda/runtime/context.h"
#include "cuda/runtime/modules.h"

namespace kerata::cuda {

struct Grid {
  unsigned x = 1, y = 1, z = 1;
  unsigned threads = 256;  // of a block
};
/// Blocks of 256 threads for `count` elements, each thread taking `each`; kernels stride over what is left.
Grid grid_for(std::int64_t count, std::int64_t each = 1);

/// Gives the kernel to args.queue. `parameters`: the bytes of the struct that it takes.
void launch_bytes(int device, const KernelFunction& function, const Grid& grid, std::span<const std::byte> parameters,
                  const KernelArgs& args);
template <class Parameters>
void launch(int device, const KernelFunction& function, const Grid& grid, const Parameters& parameters,
            const KernelArgs& args) {
  launch_bytes(device, function, grid, std::as_bytes(std::span(&parameters, 1)), args);
}
/// While a program is recorded: what the next launches do to the device's memory (DeviceBackend::announce).
void announce(int device, std::shared_ptr<const MemoryUse> use, Queue queue);
/// For work that is no launch(): what was given to the queue before, and waits to be joined, goes first.
CUstream stream_of(int device, Queue queue);
/// The driver's call itself: launch() may wait for a next kernel that it joins this one with.
void launch_at_once(const Context& context, const KernelFunction& function, const Grid& grid, const void* parameters,
                    CUstream queue);

/// A Kernel from a callable that gives its work to args.queue: make_device_kernel([=](const KernelArgs& a) { ... }).
template <class F>
std::unique_ptr<Kernel> make_device_kernel(F function, std::size_t workspace_bytes = 0, bool reports = false) {
  std::unique_ptr<Kernel> kernel = make_kernel(std::move(function), workspace_bytes);
  kernel->reports = reports;
  return kernel;
}

/// For results without elements.
inline std::unique_ptr<Kernel> make_nothing() {
  return make_device_kernel([](const KernelArgs&) {});
}

/// Parts of a workspace begin at multiples of this.
inline constexpr std::size_t kPartAlignment = 256;
inline std::size_t aligned(std::size_t bytes) { return (bytes + kPartAlignment - 1) / kPartAlignment * kPartAlignment; }
/// The first such place in memory that lies anywhere.
inline std::byte* first_part(const void* memory) {
  return reinterpret_cast<std::byte*>(aligned(reinterpret_cast<std::uintptr_t>(memory)));
}

/// "float", "double", "half_t" ...: how kernels call the elements of a tensor.
const char* storage_name(DType dtype);

}  // namespace kerata::cuda
