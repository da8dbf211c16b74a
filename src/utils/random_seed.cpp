#include "kerata/utils/random_seed.h"

#include "backend/determinism.h"
#include "graph/scope.h"

namespace kerata::utils {

void set_random_seed(std::int64_t seed) { set_global_seed(static_cast<std::uint64_t>(seed)); }

void enable_op_determinism() { set_deterministic_ops(true); }

}  // namespace kerata::utils
