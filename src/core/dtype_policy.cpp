#include "kerata/core/dtype_policy.h"

#include <atomic>

#include "core/require.h"

namespace kerata {
namespace {

std::atomic<DTypePolicy>& global() {
  static std::atomic<DTypePolicy> policy{DTypePolicy(DType::float32)};
  return policy;
}

}  // namespace

DTypePolicy::DTypePolicy() : DTypePolicy(global().load()) {}

DTypePolicy DTypePolicy::parse(std::string_view name) {
  if (!is_mixed(name)) return Choice<DType>::parse(name);
  const DType compute = Choice<DType>::parse(name.substr(kMixed.size()));
  require<ValueError>(is_half(compute), "DTypePolicy", "There is no policy \"", name,
                      "\". Expected a type, \"mixed_float16\" or \"mixed_bfloat16\".");
  return {compute, DType::float32};
}

std::string DTypePolicy::name() const {
  return (is_mixed() ? std::string(kMixed) : std::string()) + std::string(to_string(compute_));
}

namespace mixed_precision {

void set_dtype_policy(const DTypePolicy& policy) { global().store(policy); }
DTypePolicy dtype_policy() { return global().load(); }

}  // namespace mixed_precision
}  // namespace kerata
