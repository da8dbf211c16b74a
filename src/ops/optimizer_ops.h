// One op updates all variables of an optimizer: a list of segments, one pass over each.
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

/// Sizes of an optimizer op's inputs: [w_0.., slots of kind 0.., slots of kind 1.., g_0.., rate, step]; n variables
/// each. Outputs: the new weights and slots, in the memory of the first inputs (OpDef::updates_inputs).
/// gated: a bool scalar follows after step; while it is false, weights and slots keep their values.
/// by_rows: variables whose gradient is the first output of kRowGradient; the second ones stand last, in order.
struct SgdAttrs {
  Dim variables = 0;
  double momentum = 0;
  bool nesterov = false;
  bool gated = false;
  std::vector<Dim> by_rows = {};
  static constexpr auto fields() {
    return std::tuple{attr("variables", &SgdAttrs::variables), attr("momentum", &SgdAttrs::momentum),
                      attr("nesterov", &SgdAttrs::nesterov), attr("gated", &SgdAttrs::gated),
                      attr("by_rows", &SgdAttrs::by_rows)};
  }
};
struct RmspropAttrs {
  Dim variables = 0;
  double rho = 0.9, momentum = 0, epsilon = 1e-7;
  bool centered = false, gated = false;
  std::vector<Dim> by_rows = {};
  static constexpr auto fields() {
    return std::tuple{attr("variables", &RmspropAttrs::variables), attr("rho", &RmspropAttrs::rho),
                      attr("momentum", &RmspropAttrs::momentum),   attr("epsilon", &RmspropAttrs::epsilon),
                      attr("centered", &RmspropAttrs::centered),   attr("gated", &RmspropAttrs::gated),
                      attr("by_rows", &RmspropAttrs::by_rows)};
  }
};
struct AdamAttrs {
  Dim variables = 0;
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false, gated = false;
  std::vector<Dim> by_rows = {};
  static constexpr auto fields() {
    return std::tuple{attr("variables", &AdamAttrs::variables), attr("beta_1", &AdamAttrs::beta_1),
                      attr("beta_2", &AdamAttrs::beta_2),       attr("epsilon", &AdamAttrs::epsilon),
                      attr("amsgrad", &AdamAttrs::amsgrad),     attr("gated", &AdamAttrs::gated),
                      attr("by_rows", &AdamAttrs::by_rows)};
  }
};
extern const OpDef kSgdStep, kRmspropStep, kAdamStep;

/// kTakeGrad along axis 0 without the rows that are zero. [like (its type only), indices, updates] -> {sums (as many
/// rows as indices, then like's other axes), places (like's rows) int32}: row r of the gradient is sums[places[r]], or
/// zero where places[r] is -1. Only the rows of `sums` that a place names are written.
extern const OpDef kRowGradient;

}  // namespace kerata::ops
