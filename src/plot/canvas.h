// A strip of a picture, painted with smooth edges.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plot/drawing.h"

namespace kerata::plot {

/// Rows [first_row, first_row + num_rows) of a picture, in pixels, white at the beginning.
class Canvas {
 public:
  Canvas(int width, int first_row, int num_rows);
  /// Fills the polygons, whose corners are in pixels of the whole picture; a pixel is mixed by the part of it that they
  /// cover. Source: the signed-area accumulation of Raph Levien's font-rs.
  void fill(std::span<const Polygon> polygons, Colour colour);
  /// Red, green, blue for each pixel of row `row` of the strip.
  std::span<const std::uint8_t> row(int row) const;

 private:
  void accumulate(Point from, Point to, int left, int right);
  int width_, first_row_, num_rows_;
  std::vector<std::uint8_t> pixels_;
  std::vector<float> areas_;  // of one fill: (right - left + 2) per row
};

}  // namespace kerata::plot
