// JoinedLaunch: small launches that follow each other, as one. In a recorded program the way from a kernel to the next
// costs more than a kernel of a few thousand elements.
#pragma once

#include <algorithm>
#include <span>

#include "cuda/runtime/launch.h"

namespace kerata::cuda {

/// How many blocks a launch may have that is joined with others: 16 where the GPU has clusters, else 2; 0 where nothing
/// is joined (KERATA_JOIN_LAUNCHES=0, for measuring).
unsigned most_joined_blocks(const Context& context);

struct Launch {
  KernelFunction function;
  Grid grid;
  std::vector<std::byte> parameters;
  std::shared_ptr<const MemoryUse> use;  // of the step that it belongs to; null: not known
};

/// One kernel of one block or, where the GPU has clusters (compute capability 9.0 and newer), of a cluster of up to
/// eight. Its blocks take the places of the blocks of the launches in turn. They wait for each other where a launch
/// needs what one before it did; launches that do not touch each other's memory stand between the same two waits, in
/// order of how many must be done before them.
class JoinedLaunch {
 public:
  explicit JoinedLaunch(const Context& context);

  /// Whether a launch is small enough, of blocks of 256 threads and compiled with the options of the others, and there
  /// is room for its parameters and its shared memory.
  bool takes(const Launch& launch) const;
  /// One that it takes.
  void add(Launch launch);
  void clear();
  std::span<const Launch> launches() const { return launches_; }
  /// How often all blocks wait for each other.
  unsigned num_waits() const { return levels_.empty() ? 0 : *std::max_element(levels_.begin(), levels_.end()); }

  KernelSource source() const;
  /// One block for each of the cluster.
  Grid grid() const;
  /// What its launches are and take.
  std::vector<std::byte> data() const;
  /// Whether this is too much for the parameters of a kernel and must lie in the device's memory, 16-byte aligned. Each
  /// block copies it to its shared memory.
  bool is_in_memory() const;
  std::vector<std::byte> parameters(const std::byte* in_memory) const;

 private:
  std::size_t place_of(const KernelFunction& function) const;
  std::size_t shared_bytes(const KernelFunction& function) const;
  std::size_t room() const;
  /// How many waits must lie before a launch that comes now.
  unsigned level_of(const Launch& launch) const;

  const Context& context_;
  std::vector<Launch> launches_;
  std::vector<unsigned> levels_;         // of the launches: the waits before each
  std::vector<KernelFunction> kernels_;  // of the launches, each once
  std::vector<std::size_t> sizes_;       // of their parameters
  std::size_t parameter_bytes_ = 0, shared_bytes_ = 0;
};

}  // namespace kerata::cuda
