// Axes of a reduction and sizes of a window: small argument types.
#pragma once

#include <concepts>
#include <initializer_list>
#include <vector>

#include "kerata/core/shape.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Axes of a reduction: .axis = -1 or .axis = {0, 1}; none given means all.
class Axes {
 public:
  Axes() = default;
  Axes(std::integral auto axis) : axes_{static_cast<Dim>(axis)}, given_(true) {}
  Axes(std::initializer_list<Dim> axes) : axes_(axes), given_(true) {}
  Axes(const std::vector<Dim>& axes) : axes_(axes), given_(true) {}
  bool given() const { return given_; }
  const std::vector<Dim>& values() const { return axes_; }

 private:
  std::vector<Dim> axes_;
  bool given_ = false;
};

/// Height and width of a 2-D window: 3 means {3, 3}.
struct Size2 {
  constexpr Size2(std::integral auto both) : height(both), width(both) {}
  constexpr Size2(Dim h, Dim w) : height(h), width(w) {}
  bool operator==(const Size2&) const = default;
  Dim height, width;
};

}  // namespace kerata

#pragma GCC visibility pop
