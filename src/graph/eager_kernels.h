// The kernels of ops that run by themselves: the latest are kept, since preparing one (a primitive of oneDNN's, the
// text of a GPU's kernel) can take longer than running it.
#pragma once

#include "graph/op_def.h"

namespace kerata {

/// As kernels().prepare(); one that was prepared for the same work before comes back. From any thread.
std::shared_ptr<const Kernel> eager_kernel(const KernelSpec& spec);

}  // namespace kerata
