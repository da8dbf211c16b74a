#include "plot/draw.h"

#include <algorithm>
#include <cmath>

namespace kerata::plot {
namespace {

constexpr double kCellPadding = 10, kLine = 2, kEdgeWidth = 2, kArrowWidth = 8;
constexpr Font kClusterFont{14, false};
constexpr Colour kForestGreen{34, 139, 34}, kFirebrick{178, 34, 34};

Font font_of(const Cell& cell, bool is_bold) { return {cell.style == CellStyle::title ? 16.0 : 14.0, is_bold}; }

double text_width_of(const Cell& cell) {
  return text_width(cell.before, font_of(cell, false)) + text_width(cell.bold, font_of(cell, true)) +
         text_width(cell.after, font_of(cell, false));
}

double row_width(const std::vector<Cell>& row) {
  double width = kLine * static_cast<double>(row.size() - 1);
  for (const Cell& cell : row) width += text_width_of(cell) + 2 * kCellPadding;
  return width;
}
double row_height(const std::vector<Cell>& row) { return line_height(font_of(row[0], false)) + 2 * kCellPadding; }

Size size_of(const BoxLabel& label) {
  Size size{0, kLine};
  for (const std::vector<Cell>& row : label.rows) {
    size.width = std::max(size.width, row_width(row) + 2 * kLine);
    size.height += row_height(row) + kLine;
  }
  return size;
}

Colour background_of(CellStyle style) {
  switch (style) {
    case CellStyle::title:
      return kBlack;
    case CellStyle::trainable:
      return kForestGreen;
    case CellStyle::frozen:
      return kFirebrick;
    default:
      return kWhite;
  }
}

void draw_cell(Drawing& drawing, const Cell& cell, const Rect& rect) {
  if (cell.style != CellStyle::title) drawing.shapes.push_back(FilledRect{rect, background_of(cell.style)});
  const Colour ink = cell.style == CellStyle::plain ? kBlack : kWhite;
  Point at{rect.x + (rect.width - text_width_of(cell)) / 2, rect.y + kCellPadding + ascent(font_of(cell, false))};
  for (const auto& [text, is_bold] : {std::pair(cell.before, false), {cell.bold, true}, {cell.after, false}}) {
    if (text.empty()) continue;
    const Font font = font_of(cell, is_bold);
    drawing.shapes.push_back(Text{at, text, font, ink});
    at.x += text_width(text, font);
  }
}

void draw_box(Drawing& drawing, const BoxLabel& label, const Rect& rect) {
  drawing.shapes.push_back(FilledRect{rect, kBlack});
  double y = rect.y + kLine;
  for (const std::vector<Cell>& row : label.rows) {
    const double more = (rect.width - 2 * kLine - row_width(row)) / static_cast<double>(row.size());
    double x = rect.x + kLine;
    for (const Cell& cell : row) {
      const double width = text_width_of(cell) + 2 * kCellPadding + more;
      draw_cell(drawing, cell, {x, y, width, row_height(row)});
      x += width + kLine;
    }
    y += row_height(row) + kLine;
  }
}

/// The last piece of an edge is straight and long enough for the arrow's head.
void draw_edge(Drawing& drawing, Path path) {
  const std::size_t last = path.size() - 1;
  const Point tip = path[last], start = path[last - 3];
  const double dx = tip.x - start.x, dy = tip.y - start.y, length = std::hypot(dx, dy);
  const Point along{dx / length, dy / length};
  const Point back{tip.x - along.x * kArrowLength, tip.y - along.y * kArrowLength};
  path[last - 2] = {start.x + (back.x - start.x) / 3, start.y + (back.y - start.y) / 3};
  path[last - 1] = {start.x + (back.x - start.x) * 2 / 3, start.y + (back.y - start.y) * 2 / 3};
  path[last] = back;
  const double half = kArrowWidth / 2;
  drawing.shapes.push_back(Stroke{std::move(path), kEdgeWidth, kBlack});
  drawing.shapes.push_back(FilledPolygon{
      {tip, {back.x - along.y * half, back.y + along.x * half}, {back.x + along.y * half, back.y - along.x * half}},
      kBlack});
}

}  // namespace

LayoutTask layout_task(const Diagram& diagram, Direction direction) {
  LayoutTask task;
  task.direction = direction;
  task.boxes.resize(diagram.boxes.size());
  task.clusters.resize(diagram.clusters.size());
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
    task.boxes[i].size = size_of(diagram.boxes[i]);
    task.boxes[i].cluster = -1;
  }
  for (std::size_t i = 0; i < diagram.clusters.size(); ++i) {
    if (i > 0) task.clusters[i].label = {text_width(diagram.clusters[i].name, kClusterFont), line_height(kClusterFont)};
    for (const Diagram::Entry& entry : diagram.clusters[i].entries) {
      if (entry.is_cluster)
        task.clusters[static_cast<std::size_t>(entry.index)].parent = static_cast<int>(i);
      else if (int& cluster = task.boxes[static_cast<std::size_t>(entry.index)].cluster; cluster < 0)
        cluster = static_cast<int>(i);  // a shared layer is drawn where it stands first
    }
    for (const Diagram::Edge& edge : diagram.clusters[i].edges) task.edges.push_back({edge.from, edge.to});
  }
  return task;
}

Drawing draw(const Diagram& diagram, Direction direction) {
  const Layout layout = lay_out(layout_task(diagram, direction));
  Drawing drawing;
  drawing.size = layout.size;
  for (std::size_t i = 1; i < layout.clusters.size(); ++i) {
    if (layout.clusters[i].width == 0) continue;
    drawing.shapes.push_back(DashedRect{layout.clusters[i], 1, kBlack});
    const Point at = layout.labels[i];
    drawing.shapes.push_back(Text{{at.x, at.y + ascent(kClusterFont)}, diagram.clusters[i].name, kClusterFont, kBlack});
  }
  for (const Path& path : layout.edges) draw_edge(drawing, path);
  for (std::size_t i = 0; i < diagram.boxes.size(); ++i) draw_box(drawing, diagram.boxes[i], layout.boxes[i]);
  return drawing;
}

}  // namespace kerata::plot
