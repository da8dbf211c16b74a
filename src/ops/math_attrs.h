// Parameters of elementwise, creation and reduction ops.
#pragma once

#include "core/attrs.h"

namespace kerata::ops {

struct CastAttrs {
  DType dtype = DType::float32;
  static constexpr auto fields() { return std::tuple{attr("dtype", &CastAttrs::dtype)}; }
};

struct FullAttrs {
  Shape shape;
  double value = 0;
  DType dtype = DType::float32;
  static constexpr auto fields() {
    return std::tuple{attr("shape", &FullAttrs::shape), attr("value", &FullAttrs::value),
                      attr("dtype", &FullAttrs::dtype)};
  }
};

struct FullLikeAttrs {
  double value = 0;
  DType dtype = DType::float32;
  static constexpr auto fields() {
    return std::tuple{attr("value", &FullLikeAttrs::value), attr("dtype", &FullLikeAttrs::dtype)};
  }
};

/// axes: sorted, not negative, each once; never empty unless x is a scalar.
struct ReduceAttrs {
  std::vector<Dim> axes;
  bool keepdims = false;
  static constexpr auto fields() {
    return std::tuple{attr("axes", &ReduceAttrs::axes), attr("keepdims", &ReduceAttrs::keepdims)};
  }
};

/// axis: not negative.
struct AxisAttrs {
  Dim axis = 0;
  static constexpr auto fields() { return std::tuple{attr("axis", &AxisAttrs::axis)}; }
};

}  // namespace kerata::ops
