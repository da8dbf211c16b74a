// One op updates all variables of an optimizer: a list of segments, one pass over each.
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

/// Sizes of an optimizer op's inputs: [w_0.., slots of kind 0.., slots of kind 1.., g_0.., rate, step]; n variables
/// each. Outputs: the new weights and slots, in the memory of the first inputs (OpDef::updates_inputs).
struct SgdAttrs {
  Dim variables = 0;
  double momentum = 0;
  bool nesterov = false;
  static constexpr auto fields() {
    return std::tuple{attr("variables", &SgdAttrs::variables), attr("momentum", &SgdAttrs::momentum),
                      attr("nesterov", &SgdAttrs::nesterov)};
  }
};
struct RmspropAttrs {
  Dim variables = 0;
  double rho = 0.9, momentum = 0, epsilon = 1e-7;
  bool centered = false;
  static constexpr auto fields() {
    return std::tuple{attr("variables", &RmspropAttrs::variables), attr("rho", &RmspropAttrs::rho),
                      attr("momentum", &RmspropAttrs::momentum), attr("epsilon", &RmspropAttrs::epsilon),
                      attr("centered", &RmspropAttrs::centered)};
  }
};
struct AdamAttrs {
  Dim variables = 0;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;
  static constexpr auto fields() {
    return std::tuple{attr("variables", &AdamAttrs::variables), attr("beta_1", &AdamAttrs::beta_1),
                      attr("beta_2", &AdamAttrs::beta_2), attr("epsilon", &AdamAttrs::epsilon),
                      attr("amsgrad", &AdamAttrs::amsgrad)};
  }
};
extern const OpDef kSgdStep, kRmspropStep, kAdamStep;

}  // namespace kerata::ops
