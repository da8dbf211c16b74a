// Parameters of stop_gradient and custom_gradient.
#pragma once

#include "graph/op_def.h"
#include "kerata/ops/control.h"

namespace kerata::ops {

/// The user's function, the rule it gave, and the inputs for which it gave it.
struct CustomRule {
  Function<WithGradient(const Tensors&)> function;
  Function<Tensors(const Tensors&)> gradient;
  Tensors inputs;
};
struct CustomGradientAttrs {
  Dim num_inputs = 0;
  std::shared_ptr<const CustomRule> rule;
  static constexpr auto fields() {
    return std::tuple{attr("num_inputs", &CustomGradientAttrs::num_inputs), attr("rule", &CustomGradientAttrs::rule)};
  }
};
extern const OpDef kStopGradient, kCustomGradient;

}  // namespace kerata::ops
