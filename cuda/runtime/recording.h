// Recording: a program on its way into a CUDA graph.
#pragma once

#include "cuda/runtime/joined_launch.h"

namespace kerata::cuda {

/// Takes the launches that are given to Context::recording, and gives those on that need not wait for a next one to be
/// joined with.
class Recording {
 public:
  /// `compiles_only`: joined kernels begin to compile, beside each other, and are not launched.
  Recording(const Context& context, bool compiles_only);
  /// Of the launches from here on; null: not known.
  void announce(std::shared_ptr<const MemoryUse> use) { use_ = std::move(use); }
  void add(Launch launch);
  /// Before any other work, and at the end.
  void flush();

 private:
  const Context& context_;
  const bool compiles_only_;
  JoinedLaunch waiting_;
  std::shared_ptr<const MemoryUse> use_;
};

/// Records what `work` gives to Context::recording. Throws what it throws.
CUgraph record_graph(Context& context, bool compiles_only, const Function<void(Queue)>& work);

}  // namespace kerata::cuda
