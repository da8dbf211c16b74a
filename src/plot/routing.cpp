#include "plot/routing.h"

#include <algorithm>
#include <cmath>

namespace kerata::plot {

void DownwardPath::append_line(Point end) {
  const Point start = points_.back();
  points_.push_back({start.x + (end.x - start.x) / 3, start.y + (end.y - start.y) / 3});
  points_.push_back({start.x + (end.x - start.x) * 2 / 3, start.y + (end.y - start.y) * 2 / 3});
  points_.push_back(end);
}

void DownwardPath::line_to(double y) {
  const Point end{points_.back().x, y};
  if (y <= points_.back().y) return;
  if (ends_in_line_) points_.resize(points_.size() - 3);  // one longer line
  append_line(end);
  ends_in_line_ = true;
}

void DownwardPath::curve_to(Point end) {
  const Point start = points_.back();
  if (std::abs(end.x - start.x) < 1e-6) return line_to(end.y);
  const double middle = (start.y + end.y) / 2;
  points_.push_back({start.x, middle});
  points_.push_back({end.x, middle});
  points_.push_back(end);
  ends_in_line_ = false;
}

Path loop_beside(const Rect& box) {
  const double right = box.x + box.width, middle = box.y + box.height / 2, up = box.height / 5;
  const Point start{right, middle + up}, before_tip{right + kArrowLength, middle - up}, tip{right, middle - up};
  const double out = right + kLoopWidth;
  return {start,
          {out, middle + up},
          {out, middle - up},
          before_tip,
          {right + kArrowLength * 2 / 3, tip.y},
          {right + kArrowLength / 3, tip.y},
          tip};
}

void spread(std::vector<double>& wishes, double low, double high, double gap) {
  const std::size_t count = wishes.size();
  if (count == 0) return;
  const double room = high - low;
  if (count > 1) gap = std::min(gap, room / static_cast<double>(count - 1));
  std::vector<double> pushed_right = wishes, pushed_left = wishes;
  for (std::size_t i = 0; i < count; ++i) {
    const double before = static_cast<double>(i) * gap, after = static_cast<double>(count - 1 - i) * gap;
    pushed_right[i] = std::clamp(wishes[i], low + before, std::max(low + before, high - after));
    if (i > 0) pushed_right[i] = std::max(pushed_right[i], pushed_right[i - 1] + gap);
  }
  for (std::size_t i = count; i-- > 0;) {
    const double before = static_cast<double>(i) * gap, after = static_cast<double>(count - 1 - i) * gap;
    pushed_left[i] = std::clamp(wishes[i], low + before, std::max(low + before, high - after));
    if (i + 1 < count) pushed_left[i] = std::min(pushed_left[i], pushed_left[i + 1] - gap);
  }
  for (std::size_t i = 0; i < count; ++i) wishes[i] = (pushed_right[i] + pushed_left[i]) / 2;
}

}  // namespace kerata::plot
