// kScan: a loop over axis 0 with a sub-graph as its body.
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

/// The body as a graph: inputs are placeholders [carry.., x.., captured..], outputs [carry.., stacked..].
struct ScanBody {
  std::vector<Tensor> inputs, outputs;
};

/// Inputs [initial carry (C), xs (X, each (T, ...)), captured values (K)]; outputs [last carry (C), stacked outputs
/// (T, ...), the carry before every step (C, each (T, ...)); the last are for the backward loop].
struct ScanAttrs {
  Dim length = 0;
  Dim num_carry = 0, num_xs = 0;
  bool reverse = false;  // from the last step to the first; stacked outputs stay at their step's place
  std::shared_ptr<const ScanBody> body = nullptr;
  static constexpr auto fields() {
    return std::tuple{attr("length", &ScanAttrs::length), attr("num_carry", &ScanAttrs::num_carry),
                      attr("num_xs", &ScanAttrs::num_xs), attr("reverse", &ScanAttrs::reverse),
                      attr("body", &ScanAttrs::body)};
  }
};
extern const OpDef kScan;

}  // namespace kerata::ops
