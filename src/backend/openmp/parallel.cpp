#include "backend/parallel.h"

#include <omp.h>

namespace kerata {

int num_threads() { return omp_in_parallel() ? 1 : omp_get_max_threads(); }

namespace detail {

void run_parallel(std::int64_t count, std::int64_t chunk, RangeBody body, const void* context) {
  const std::int64_t parts = (count + chunk - 1) / chunk;
#pragma omp parallel for schedule(static, 1) num_threads(static_cast<int>(parts))
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t begin = part * chunk;
    body(context, begin, begin + chunk < count ? begin + chunk : count);
  }
}

}  // namespace detail
}  // namespace kerata
