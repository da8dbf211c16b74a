// A drawing: filled rectangles, polygons, lines and texts, in points, in the order they are painted.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "plot/font.h"

namespace kerata::plot {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};
inline constexpr Colour kBlack{0, 0, 0}, kWhite{255, 255, 255};

struct FilledRect {
  Rect rect;
  Colour colour;
};
struct FilledPolygon {
  Polygon corners;
  Colour colour;
};
struct Stroke {
  Path path;
  double width = 1;
  Colour colour;
};
/// The outline of a rectangle in dashes.
struct DashedRect {
  Rect rect;
  double width = 1;
  Colour colour;
};
struct Text {
  Point baseline;
  std::string text;
  Font font;
  Colour colour;
};

struct Drawing {
  using Shape = std::variant<FilledRect, FilledPolygon, Stroke, DashedRect, Text>;
  Size size;
  std::vector<Shape> shapes;
};

/// Lengths of a dash and of the gap after it.
inline constexpr double kDash = 6, kDashGap = 4;

/// An SVG document; texts are texts, stretched to the widths that the layout reckoned with.
std::string to_svg(const Drawing& drawing);

/// A PNG file, grey or in colours of 24 bits, on white. Drawn strip by strip, so memory does not grow with the height.
/// `dpi` is lowered where a side would exceed 32,767 pixels.
std::string to_png(const Drawing& drawing, int dpi);

}  // namespace kerata::plot
