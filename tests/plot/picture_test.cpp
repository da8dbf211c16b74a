// Painting, and the files that are written.
#include <gmock/gmock.h>

#include <cmath>

#include "plot/canvas.h"
#include "plot/drawing.h"
#include "plot/png_reader.h"

namespace kerata::plot {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int> row_of(const Canvas& canvas, int row) {
  std::vector<int> red;
  const auto bytes = canvas.row(row);
  for (std::size_t i = 0; i < bytes.size(); i += 3) red.push_back(bytes[i]);
  return red;
}

TEST(Canvas, APixelIsMixedByTheCoveredPart) {
  Canvas canvas(4, 0, 3);
  const Polygon square = {{0.5, 1}, {2.25, 1}, {2.25, 2.5}, {0.5, 2.5}};
  canvas.fill({&square, 1}, kBlack);
  EXPECT_THAT(row_of(canvas, 0), ElementsAre(255, 255, 255, 255));
  EXPECT_THAT(row_of(canvas, 1), ElementsAre(128, 0, 191, 255));
  EXPECT_THAT(row_of(canvas, 2), ElementsAre(191, 128, 223, 255));
}

TEST(Canvas, SlantedEdges) {
  Canvas canvas(4, 0, 1);
  const Polygon triangle = {{0, 0}, {4, 1}, {0, 1}};  // covers 7/8, 5/8, 3/8, 1/8
  canvas.fill({&triangle, 1}, kBlack);
  EXPECT_THAT(row_of(canvas, 0), ElementsAre(32, 96, 159, 223));
}

TEST(Canvas, TheDirectionOfAContourDoesNotMatterAndHolesAreHoles) {
  Canvas canvas(4, 0, 1);
  const std::vector<Polygon> ring = {{{0, 0}, {0, 1}, {4, 1}, {4, 0}}, {{1, 0}, {2, 0}, {2, 1}, {1, 1}}};
  canvas.fill(ring, {10, 20, 30});
  EXPECT_THAT(row_of(canvas, 0), ElementsAre(10, 255, 10, 10));
  EXPECT_EQ(canvas.row(0)[1], 20);
  EXPECT_EQ(canvas.row(0)[2], 30);
}

TEST(Canvas, WhatLiesOutsideIsCut) {
  Canvas canvas(2, 10, 1);
  const Polygon big = {{-5, 0}, {50, 0}, {50, 30}, {-5, 30}};
  canvas.fill({&big, 1}, kBlack);
  EXPECT_THAT(row_of(canvas, 0), ElementsAre(0, 0));
}

TEST(Canvas, StripsGiveTheSamePixelsAsTheWhole) {
  const std::vector<Polygon> text = text_outline("Ag&%", {20, true}, {1.3, 18.7}, 0.05);
  Canvas whole(60, 0, 24);
  whole.fill(text, kBlack);
  for (int first = 0; first < 24; first += 5) {
    const int count = std::min(5, 24 - first);
    Canvas strip(60, first, count);
    strip.fill(text, kBlack);
    for (int row = 0; row < count; ++row) EXPECT_EQ(row_of(strip, row), row_of(whole, first + row));
  }
}

Drawing sample() {
  Drawing drawing;
  drawing.size = {72, 144};
  drawing.shapes.push_back(FilledRect{{9, 9, 18, 18}, {34, 139, 34}});
  drawing.shapes.push_back(Stroke{{{36, 72}, {36, 84}, {36, 96}, {36, 108}}, 4, kBlack});
  drawing.shapes.push_back(FilledPolygon{{{50, 50}, {60, 50}, {60, 60}}, kBlack});
  drawing.shapes.push_back(DashedRect{{1, 1, 70, 142}, 2, kBlack});
  drawing.shapes.push_back(Text{{40, 40}, "a<b & c", {14, true}, kBlack});
  return drawing;
}

TEST(Png, HasTheSizeTheDensityAndThePixelsOfTheDrawing) {
  const test::Png png = test::read_png(to_png(sample(), 200));
  EXPECT_EQ(png.width, 200u);
  EXPECT_EQ(png.height, 400u);
  EXPECT_EQ(png.pixels_per_metre, 7874u);  // 200 dots per inch
  EXPECT_THAT(std::vector<int>(png.pixel(50, 50), png.pixel(50, 50) + 3), ElementsAre(34, 139, 34));
  EXPECT_EQ(*png.pixel(100, 250), 0);    // in the stroke
  EXPECT_EQ(*png.pixel(92, 250), 255);   // beside it
  EXPECT_EQ(*png.pixel(100, 190), 255);  // above it
  EXPECT_EQ(*png.pixel(8, 2), 0);        // a dash
  EXPECT_EQ(*png.pixel(24, 2), 255);     // the gap after it
}

TEST(Png, DpiIsLoweredForHugeDrawings) {
  Drawing drawing;
  drawing.size = {10, 72 * 1000};
  const test::Png png = test::read_png(to_png(drawing, 200));
  EXPECT_EQ(png.height, 32'767u);
  EXPECT_EQ(png.width, 5u);
  EXPECT_EQ(png.pixels_per_metre, static_cast<std::uint32_t>(std::lround(32.767 / 0.0254)));
}

TEST(Png, GreyDrawingsAreGreyFiles) {
  Drawing drawing;
  drawing.size = {36, 36};
  drawing.shapes.push_back(FilledRect{{9, 9, 18, 18}, {40, 40, 40}});
  const test::Png png = test::read_png(to_png(drawing, 144));
  EXPECT_TRUE(png.is_grey);
  EXPECT_EQ(*png.pixel(36, 36), 40);
  EXPECT_EQ(*png.pixel(10, 36), 255);
  EXPECT_FALSE(test::read_png(to_png(sample(), 72)).is_grey);
}

TEST(Png, TheSameDrawingGivesTheSameBytes) { EXPECT_EQ(to_png(sample(), 96), to_png(sample(), 96)); }

TEST(Svg, HoldsShapesAndTexts) {
  const std::string svg = to_svg(sample());
  EXPECT_THAT(svg, HasSubstr("width=\"72pt\" height=\"144pt\" viewBox=\"0 0 72 144\""));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"9\" y=\"9\" width=\"18\" height=\"18\" fill=\"#228b22\"/>"));
  EXPECT_THAT(svg,
              HasSubstr("<path d=\"M36,72C36,84 36,96 36,108\" fill=\"none\" stroke=\"#000000\" stroke-width=\"4\"/>"));
  EXPECT_THAT(svg, HasSubstr("<polygon points=\"50,50 60,50 60,60\" fill=\"#000000\"/>"));
  EXPECT_THAT(svg, HasSubstr("stroke-dasharray=\"6 4\""));
  EXPECT_THAT(svg, HasSubstr("font-weight=\"bold\""));
  EXPECT_THAT(svg, HasSubstr(">a&lt;b &amp; c</text>"));
}

}  // namespace
}  // namespace kerata::plot
