// The same with plain threads: ThreadSanitizer does not understand OpenMP's barriers.
#include "backend/parallel.h"

#include <cstdlib>
#include <thread>
#include <vector>

namespace kerata {
namespace {
thread_local bool inside = false;
}

int num_threads() {
  static const int threads = [] {
    const char* text = std::getenv("OMP_NUM_THREADS");
    const int wanted = text ? std::atoi(text) : 0;
    return wanted > 0 ? wanted : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }();
  return inside ? 1 : threads;
}

namespace detail {

void run_parallel(std::int64_t count, std::int64_t chunk, RangeBody body, const void* context) {
  auto part = [=](std::int64_t begin) {
    inside = true;
    body(context, begin, std::min(begin + chunk, count));
    inside = false;
  };
  std::vector<std::jthread> threads;
  for (std::int64_t begin = chunk; begin < count; begin += chunk) threads.emplace_back(part, begin);
  part(0);
}

}  // namespace detail
}  // namespace kerata
