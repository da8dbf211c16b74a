// A tensor seen from one axis.
#pragma once

#include "kerata/core/shape.h"

namespace kerata {

/// (outer, size, inner): the axes before, the axis, the axes after it.
struct AxisView {
  std::int64_t outer = 1, size = 1, inner = 1;
};
inline AxisView view_of(const Shape& shape, Dim axis) {
  AxisView view;
  for (Dim i = 0; i < shape.rank(); ++i) (i < axis ? view.outer : i == axis ? view.size : view.inner) *= shape[i];
  return view;
}

}  // namespace kerata
