// The letters that the library carries.
#include "plot/font.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kerata::plot {
namespace {

double area(const std::vector<Polygon>& polygons) {
  double twice = 0;
  for (const Polygon& polygon : polygons)
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
      twice += a.x * b.y - b.x * a.y;
    }
  return std::abs(twice) / 2;
}

Rect bounds(const std::vector<Polygon>& polygons) {
  double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
  for (const Polygon& polygon : polygons)
    for (const Point& p : polygon) {
      left = std::min(left, p.x), right = std::max(right, p.x);
      top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
  return {left, top, right - left, bottom - top};
}

TEST(Font, WidthsAddUp) {
  const Font font{10, false};
  EXPECT_NEAR(text_width("Dense", font), text_width("Den", font) + text_width("se", font), 1e-12);
  EXPECT_EQ(text_width("", font), 0);
  EXPECT_NEAR(text_width("Dense", {20, false}), 2 * text_width("Dense", font), 1e-12);
  EXPECT_GT(text_width("Dense", {10, true}), text_width("Dense", font));
  EXPECT_EQ(text_width("0", font), text_width("9", font));
}

TEST(Font, CharactersNotBytesAreMeasured) {
  const Font font{14, false};
  EXPECT_EQ(text_width("\xC3\xA9", font), text_width("e", font));  // e with an accent
  const double missing = text_width("\xEF\xBF\xBD", font);         // the replacement character
  EXPECT_EQ(text_width("\xE5\xB1\x82", font), missing);            // a Chinese one
  EXPECT_EQ(text_width("\xFF", font), missing);
  EXPECT_EQ(text_width("\xE5\xB1", font), missing);  // cut off
}

TEST(Font, OutlinesStandOnTheBaselineWithinTheirWidth) {
  const Font font{100, false};
  const Rect box = bounds(text_outline("H", font, {10, 50}, 0.01));
  EXPECT_NEAR(box.y + box.height, 50, 0.2);
  EXPECT_NEAR(box.height, 73, 1.5);  // capitals of DejaVu are 0.73 em high
  EXPECT_GT(box.x, 10);
  EXPECT_LT(box.x + box.width, 10 + text_width("H", font));
  EXPECT_TRUE(text_outline(" ", font, {0, 0}, 0.1).empty());
}

TEST(Font, InnerContoursRunTheOtherWayRound) {
  const std::vector<Polygon> o = text_outline("o", {100, true}, {0, 0}, 0.01);
  ASSERT_EQ(o.size(), 2u);
  EXPECT_NEAR(area(o), std::abs(area({o[0]}) - area({o[1]})), 1e-9);
}

TEST(Font, FlattenedCurvesStayWithinTheTolerance) {
  // A quarter of a circle of radius 100, to within 0.03.
  const double k = 100 * 0.5522847498;
  const Polygon line = flattened({{100, 0}, {100, k}, {k, 100}, {0, 100}}, 0.05);
  EXPECT_GT(line.size(), 5u);
  for (std::size_t i = 1; i < line.size(); ++i) {
    const Point middle{(line[i - 1].x + line[i].x) / 2, (line[i - 1].y + line[i].y) / 2};
    EXPECT_NEAR(std::hypot(middle.x, middle.y), 100, 0.1);
  }
}

}  // namespace
}  // namespace kerata::plot
