// Paths of edges, from layer to layer.
#pragma once

#include <vector>

#include "plot/layout.h"

namespace kerata::plot {

/// A path downwards: vertical lines, and S-shaped curves with vertical ends. Two curves between the same heights cross
/// at most once, and only if their ends are in different order.
class DownwardPath {
 public:
  explicit DownwardPath(Point start) : points_{start} {}
  void line_to(double y);
  void curve_to(Point end);
  Path take() { return std::move(points_); }

 private:
  void append_line(Point end);
  Path points_;
  bool ends_in_line_ = false;
};

/// From a point on the right side of a box, around, and back to it (a layer called on its own output).
Path loop_beside(const Rect& box);
/// What a loop needs beside its box.
inline constexpr double kLoopWidth = 30;

/// Moves ascending wishes apart, at least `gap` (less where there is no room) and within [low, high], as little as
/// possible.
void spread(std::vector<double>& wishes, double low, double high, double gap);

}  // namespace kerata::plot
