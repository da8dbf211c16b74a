// Runs a kernel compiled for the CPU over all blocks and threads of a launch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kerata::emulator {

struct Index3 {
  unsigned x, y, z;
};

/// What the kernel's library exports (host_prelude.h).
struct KernelCode {
  void (*entry)(const void* parameters) = nullptr;
  unsigned parameter_bytes = 0;
  Index3 *thread = nullptr, *block = nullptr, *block_size = nullptr, *grid_size = nullptr;
  void (**block_barrier)() = nullptr;
  void (**warp_barrier)() = nullptr;
  void (**cluster_barrier)() = nullptr;
  unsigned cluster = 1;  // blocks that wait for each other
  bool needs_barriers = false;
  std::byte* shared = nullptr;
  unsigned shared_bytes = 0;
  const void* owner = nullptr;  // the context that it was loaded in
};

/// Threads without barriers run one after the other; others as fibers that switch at each barrier.
void run_grid(const KernelCode& code, Index3 grid, Index3 block, const void* parameters);

}  // namespace kerata::emulator
