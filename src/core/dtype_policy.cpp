#include "kerata/core/dtype_policy.h"

#include <atomic>

#include "core/require.h"

namespace kerata {
namespace {

// Compute and variable dtype in one number: another size would need a lock.
constexpr std::uint16_t packed(DType compute, DType variable) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(compute) << 8 | static_cast<unsigned>(variable));
}
std::atomic<std::uint16_t> global{packed(DType::float32, DType::float32)};

}  // namespace

DTypePolicy::DTypePolicy() {
  const unsigned both = global.load(std::memory_order_relaxed);
  compute_ = static_cast<DType>(both >> 8);
  variable_ = static_cast<DType>(both & 0xff);
}

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

void set_dtype_policy(const DTypePolicy& policy) {
  global.store(packed(policy.compute_dtype(), policy.variable_dtype()), std::memory_order_relaxed);
}
DTypePolicy dtype_policy() { return {}; }

}  // namespace mixed_precision
}  // namespace kerata
