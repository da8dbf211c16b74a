// Threads that compile kernels beside each other: a program has dozens, at a tenth of a second each.
#pragma once

#include <future>
#include <memory>

#include "kerata/core/function.h"

namespace kerata::cuda {

/// Runs `work`, which must not throw, on one of a few threads (one a core, at most 8: NVRTC takes a few hundred
/// megabytes each). Work begins in the order given; what has not begun when the process ends never does.
void run_beside(Function<void()> work);

/// What f gives or throws, some time later.
template <class T, class F>
std::shared_future<T> beside(F f) {
  auto task = std::make_shared<std::packaged_task<T()>>(std::move(f));
  std::shared_future<T> result = task->get_future().share();
  run_beside([task] { (*task)(); });
  return result;
}

}  // namespace kerata::cuda
