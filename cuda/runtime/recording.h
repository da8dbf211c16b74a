// Recording: a program on its way into a CUDA graph.
#pragma once

#include "cuda/runtime/joined_launch.h"

namespace kerata::cuda {

/// What joined kernels read beside their parameters: collected, and where it will lie in the device's memory.
struct JoinedData {
  std::vector<std::byte> bytes;
  const std::byte* memory = nullptr;
};

/// Takes the launches that are given to Context::recording, and gives those on that need not wait for a next one to be
/// joined with.
class Recording {
 public:
  /// A program is recorded twice. First without launches: joined kernels begin to compile, beside each other, and
  /// `data` says how much memory is wanted for what they read.
  Recording(const Context& context, bool launches, JoinedData& data);
  /// Of the launches from here on; null: not known.
  void announce(std::shared_ptr<const MemoryUse> use) { use_ = std::move(use); }
  void add(Launch launch);
  /// Before any other work, and at the end.
  void flush();

 private:
  void launch_joined();
  const std::byte* place_data();

  const Context& context_;
  const bool launches_;
  JoinedData& data_;
  JoinedLaunch waiting_;
  std::shared_ptr<const MemoryUse> use_;
};

/// Whether the calls of a library's that `work` makes on a queue may be recorded there: tried, and thrown away.
bool can_be_recorded(int device, const Function<void(CUstream)>& work);

/// Records what `work` gives to Context::recording. Throws what it throws.
CUgraph record_graph(Context& context, bool launches, JoinedData& data, const Function<void(Queue)>& work);

}  // namespace kerata::cuda
