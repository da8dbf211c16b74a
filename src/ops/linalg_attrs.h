// Parameters of the matrix products.
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

/// What a product or convolution does to its result while it is hot (set by the fusion pass).
struct FusedActivation {
  static constexpr int none = 0, relu = 1, tanh = 2, sigmoid = 3;
};

/// y = activation(op(a) x op(b) + bias); inputs [a (..., m, k), b (..., k, n)] and, with has_bias, [bias (n)].
struct MatmulAttrs {
  bool trans_a = false;  // a is (..., k, m)
  bool trans_b = false;  // b is (..., n, k)
  bool has_bias = false;
  int activation = FusedActivation::none;
  static constexpr auto fields() {
    return std::tuple{attr("trans_a", &MatmulAttrs::trans_a), attr("trans_b", &MatmulAttrs::trans_b),
                      attr("has_bias", &MatmulAttrs::has_bias), attr("activation", &MatmulAttrs::activation)};
  }
};

/// kMatmulUpdate (no attrs): inputs [w (k, n), a (m, k), g (m, n), rate ()]; w - rate * a^T g, in the memory of w.
extern const OpDef kMatmul, kMatmulUpdate;

}  // namespace kerata::ops
