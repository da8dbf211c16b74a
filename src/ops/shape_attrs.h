// Parameters of ops that move, cut or index.
#pragma once

#include "core/attrs.h"

namespace kerata::ops {

/// The new shape; one size may be -1 (inferred), other negative sizes are the unknown sizes of the graph.
struct ReshapeAttrs {
  Shape shape;
  static constexpr auto fields() { return std::tuple{attr("shape", &ReshapeAttrs::shape)}; }
};

/// Output axis i is input axis axes[i].
struct TransposeAttrs {
  std::vector<Dim> axes;
  static constexpr auto fields() { return std::tuple{attr("axes", &TransposeAttrs::axes)}; }
};

/// A size of -1 keeps the size of x.
struct BroadcastToAttrs {
  Shape shape;
  static constexpr auto fields() { return std::tuple{attr("shape", &BroadcastToAttrs::shape)}; }
};

/// Python slices, one per axis: start and stop may be negative (from the end), stop kEnd; step >= 1.
struct SliceAttrs {
  std::vector<Dim> start, stop, step;
  static constexpr auto fields() {
    return std::tuple{attr("start", &SliceAttrs::start), attr("stop", &SliceAttrs::stop),
                      attr("step", &SliceAttrs::step)};
  }
};

/// A Python slice of an axis of known size: `count` elements start, start + step ...
struct SliceRange {
  Dim start, count;
};
inline SliceRange slice_range(Dim start, Dim stop, Dim step, Dim size) {
  auto inside = [size](Dim i) { return i < 0 ? (i + size < 0 ? 0 : i + size) : (i > size ? size : i); };
  const Dim first = inside(start), last = inside(stop);
  return {first, last > first ? (last - first + step - 1) / step : 0};
}

struct PadAttrs {
  std::vector<Dim> before, after;  // per axis
  double constant = 0;
  static constexpr auto fields() {
    return std::tuple{attr("before", &PadAttrs::before), attr("after", &PadAttrs::after),
                      attr("constant", &PadAttrs::constant)};
  }
};

/// axes: sorted, not negative.
struct AxesAttrs {
  std::vector<Dim> axes;
  static constexpr auto fields() { return std::tuple{attr("axes", &AxesAttrs::axes)}; }
};

/// axis: where the new axis stands in the result; not negative.
struct OneHotAttrs {
  Dim num_classes = 0;
  Dim axis = 0;
  DType dtype = DType::float32;
  static constexpr auto fields() {
    return std::tuple{attr("num_classes", &OneHotAttrs::num_classes), attr("axis", &OneHotAttrs::axis),
                      attr("dtype", &OneHotAttrs::dtype)};
  }
};

struct TopKAttrs {
  Dim k = 1;
  static constexpr auto fields() { return std::tuple{attr("k", &TopKAttrs::k)}; }
};

}  // namespace kerata::ops
