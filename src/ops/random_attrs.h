// Parameters of the random ops. Input: [state int64 (2,) {key, step}].
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

/// Element i comes from word i % 4 of Philox block i / 4 (two words for float64); see cpu/random.cpp.
struct RandomAttrs {
  Shape shape = {};
  DType dtype = DType::float32;
  std::int64_t stream = 0;  // number of the op within its trace
  double a = 0, b = 1;      // uniform, randint: [a, b); normal: mean, standard deviation; bernoulli: a = p
  static constexpr auto fields() {
    return std::tuple{attr("shape", &RandomAttrs::shape), attr("dtype", &RandomAttrs::dtype),
                      attr("stream", &RandomAttrs::stream), attr("a", &RandomAttrs::a), attr("b", &RandomAttrs::b)};
  }
};
/// kPermutation: shape (n), int32.
extern const OpDef kRandomUniform, kRandomNormal, kTruncatedNormal, kBernoulli, kRandint, kPermutation;

}  // namespace kerata::ops
