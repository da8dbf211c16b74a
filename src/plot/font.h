// Text: its width, and its outlines. The font is part of the library (DejaVu Sans Condensed: Latin letters and signs).
#pragma once

#include <string_view>
#include <vector>

#include "plot/layout.h"

namespace kerata::plot {

using Polygon = std::vector<Point>;

struct Font {
  double size = 14;  // points per em
  bool is_bold = false;
};

/// In points. Characters that the font lacks are as wide as the replacement character.
double text_width(std::string_view text, Font font);
/// The letters' contours (inner ones run the other way round), y downwards; `baseline` is where the text begins. Curves
/// become lines that stay within `tolerance` points.
std::vector<Polygon> text_outline(std::string_view text, Font font, Point baseline, double tolerance);
/// Height of a line of text, and of its part above the baseline.
double line_height(Font font);
double ascent(Font font);

/// Cubic Bézier curves as lines.
Polygon flattened(const Path& path, double tolerance);

}  // namespace kerata::plot
