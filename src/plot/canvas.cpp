#include "plot/canvas.h"

#include <algorithm>
#include <cmath>

#include "plot/index.h"

namespace kerata::plot {

Canvas::Canvas(int width, int first_row, int num_rows)
    : width_(width), first_row_(first_row), num_rows_(num_rows), pixels_(at(width) * at(num_rows) * 3, 255) {}

std::span<const std::uint8_t> Canvas::row(int row) const {
  return {pixels_.data() + at(row) * at(width_) * 3, at(width_) * 3};
}

// Each cell gets what the line covers to its right within the cell's column, and the column after it the rest; the sum
// over a row up to a pixel is then the pixel's coverage.
void Canvas::accumulate(Point from, Point to, int left, int right) {
  if (from.y == to.y) return;
  const double sign = from.y < to.y ? 1 : -1;
  if (from.y > to.y) std::swap(from, to);
  const double slope = (to.x - from.x) / (to.y - from.y);
  const int first = std::max(0, static_cast<int>(std::floor(from.y)));
  const int last = std::min(num_rows_ - 1, static_cast<int>(std::ceil(to.y)) - 1);
  const double low = left, high = right;
  for (int row = first; row <= last; ++row) {
    const double y0 = std::max<double>(row, from.y), y1 = std::min<double>(row + 1, to.y);
    if (y1 <= y0) continue;
    const double xa = std::clamp(from.x + (y0 - from.y) * slope, low, high);
    const double xb = std::clamp(from.x + (y1 - from.y) * slope, low, high);
    const double x0 = std::min(xa, xb), x1 = std::max(xa, xb), height = sign * (y1 - y0);
    float* cells = areas_.data() + at(row) * at(right - left + 2);
    const int c0 = static_cast<int>(std::floor(x0)), c1 = static_cast<int>(std::floor(x1));
    auto add = [&](int column, double area) { cells[at(column - left)] += static_cast<float>(area); };
    if (c0 == c1) {
      const double part = (x0 + x1) / 2 - c0;  // to the left of the line
      add(c0, height * (1 - part));
      add(c0 + 1, height * part);
      continue;
    }
    // Over several columns: coverage grows with the square at both ends and evenly between them.
    const double per_column = height / (x1 - x0), a = c0 + 1 - x0, b = x1 - c1;
    double before = per_column * a * a / 2;
    add(c0, before);
    for (int column = c0 + 1; column < c1; ++column) {
      const double now = per_column * (column + 0.5 - x0);
      add(column, now - before);
      before = now;
    }
    const double end = height - per_column * b * b / 2;
    add(c1, end - before);
    add(c1 + 1, height - end);
  }
}

void Canvas::fill(std::span<const Polygon> polygons, Colour colour) {
  double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
  for (const Polygon& polygon : polygons)
    for (const Point& p : polygon) {
      x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
  if (!(x0 < width_ && x1 > 0 && y0 < first_row_ + num_rows_ && y1 > first_row_)) return;
  const int left = std::max(0, static_cast<int>(std::floor(x0)));
  const int right = std::min(width_, static_cast<int>(std::ceil(x1)));
  const std::size_t stride = at(right - left + 2);
  areas_.assign(stride * at(num_rows_), 0.0f);
  for (const Polygon& polygon : polygons)
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      Point from = polygon[i], to = polygon[(i + 1) % polygon.size()];
      from.y -= first_row_, to.y -= first_row_;
      accumulate(from, to, left, right);
    }
  const int parts[] = {colour.red, colour.green, colour.blue};
  for (int row = 0; row < num_rows_; ++row) {
    float sum = 0;
    const float* cells = areas_.data() + at(row) * stride;
    std::uint8_t* pixel = pixels_.data() + (at(row) * at(width_) + at(left)) * 3;
    for (int x = left; x < right; ++x, pixel += 3) {
      sum += cells[at(x - left)];
      const float covered = std::min(std::abs(sum), 1.0f);
      if (covered < 1.0f / 512) continue;
      for (int k = 0; k < 3; ++k) {
        const float mixed = static_cast<float>(pixel[k]) * (1 - covered) + static_cast<float>(parts[k]) * covered;
        pixel[k] = static_cast<std::uint8_t>(std::lround(mixed));
      }
    }
  }
}

}  // namespace kerata::plot
