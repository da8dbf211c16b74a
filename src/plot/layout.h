// The layered layout: where boxes, clusters and edges of a drawing lie.
#pragma once

#include <string_view>
#include <vector>

namespace kerata::plot {

struct Point {
  double x = 0, y = 0;
};
struct Size {
  double width = 0, height = 0;
};
struct Rect {
  double x = 0, y = 0, width = 0, height = 0;  // of the upper left corner
  Point center() const { return {x + width / 2, y + height / 2}; }
};

/// A start, then (control, control, end) for each cubic Bézier curve.
using Path = std::vector<Point>;

enum class Direction { top_bottom, left_right, bottom_top, right_left };

/// What is laid out; lengths in points.
struct LayoutTask {
  struct Box {
    Size size;
    int cluster = 0;
  };
  struct Cluster {
    int parent = -1;  // an earlier one; clusters[0] is the whole drawing
    Size label;
  };
  struct Edge {
    int from = 0, to = 0;  // boxes; cycles and loops are allowed
  };
  std::vector<Box> boxes;
  std::vector<Cluster> clusters = {{}};
  std::vector<Edge> edges;
  Direction direction = Direction::top_bottom;
};

/// Boxes and clusters without boxes in common do not overlap, no edge runs through a box that it does not join, and
/// each edge begins and ends on the border of its boxes.
struct Layout {
  Size size;
  std::vector<Rect> boxes;
  std::vector<Rect> clusters;  // of size 0 where there is no box inside
  std::vector<Point> labels;   // upper left corners of the clusters' labels
  std::vector<Path> edges;     // the last point is the tip of the arrow
};

/// Length of an arrow's head: an edge's last piece is straight for this long.
inline constexpr double kArrowLength = 10;

/// Deterministic. Layers by network simplex, order by median sweeps, coordinates after Brandes and Köpf.
Layout lay_out(const LayoutTask& task);

}  // namespace kerata::plot
