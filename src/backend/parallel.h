// parallel_for: the one door to the thread pool (OpenMP; std::thread in the tsan preset).
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace kerata {

/// How many threads parallel_for may use: OMP_NUM_THREADS or the number of cores.
int num_threads();

namespace detail {
using RangeBody = void (*)(const void* context, std::int64_t begin, std::int64_t end);
void run_parallel(std::int64_t count, std::int64_t chunk, RangeBody body, const void* context);
}  // namespace detail

/// Calls body(begin, end) on disjoint ranges covering [0, count), each at least `grain` long (but the last): on
/// the calling thread when count <= grain. The body must not throw.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  if (count <= 0) return;
  const std::int64_t parts = grain > 0 ? count / grain : count;
  if (parts <= 1 || num_threads() == 1) return body(std::int64_t{0}, count);
  const std::int64_t threads = std::min<std::int64_t>(parts, num_threads());
  detail::run_parallel(
      count, (count + threads - 1) / threads,
      [](const void* context, std::int64_t begin, std::int64_t end) {
        (*static_cast<const Body*>(context))(begin, end);
      },
      &body);
}

}  // namespace kerata
