// DTypePolicy: what a layer computes in, and what its weights are kept in.
#pragma once

#include <string>
#include <string_view>

#include "kerata/core/dtype.h"

#pragma GCC visibility push(default)

namespace kerata {

/// keras.DTypePolicy. The name of a type means it for both; "mixed_float16" and "mixed_bfloat16" keep weights in
/// float32 and compute in the half type.
class DTypePolicy {
 public:
  /// The global one, see mixed_precision::set_dtype_policy.
  DTypePolicy();
  constexpr DTypePolicy(DType dtype) : compute_(dtype), variable_(dtype) {}
  constexpr DTypePolicy(Choice<DType> dtype) : DTypePolicy(dtype.value()) {}
  consteval DTypePolicy(const char* name)
      : compute_(Choice<DType>(is_mixed(name) ? name + kMixed.size() : name)),
        variable_(is_mixed(name) ? DType::float32 : compute_) {
    if (is_mixed(name) && !is_half(compute_)) error_this_word_is_not_one_of_the_allowed_ones();
  }
  /// Throws ValueError for an unknown name.
  static DTypePolicy parse(std::string_view name);

  constexpr DType compute_dtype() const { return compute_; }
  constexpr DType variable_dtype() const { return variable_; }
  constexpr bool is_mixed() const { return compute_ != variable_; }
  std::string name() const;
  constexpr bool operator==(const DTypePolicy& other) const {
    return compute_ == other.compute_ && variable_ == other.variable_;
  }

 private:
  static constexpr std::string_view kMixed = "mixed_";
  static constexpr bool is_mixed(std::string_view name) { return name.substr(0, kMixed.size()) == kMixed; }
  constexpr DTypePolicy(DType compute, DType variable) : compute_(compute), variable_(variable) {}
  DType compute_, variable_;
};

namespace mixed_precision {

/// The policy of layers that are made from now on without a dtype of their own; "float32" at first.
void set_dtype_policy(const DTypePolicy& policy);
DTypePolicy dtype_policy();

}  // namespace mixed_precision
}  // namespace kerata

#pragma GCC visibility pop
