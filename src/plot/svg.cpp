#include <charconv>

#include "core/require.h"
#include "plot/drawing.h"
#include "plot/markup.h"

namespace kerata::plot {
namespace {

/// Two digits after the point at most.
std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 2).ptr;
  std::string result(text, end);
  while (result.back() == '0') result.pop_back();
  if (result.back() == '.') result.pop_back();
  return result == "-0" ? "0" : result;
}

std::string attribute(const char* name, double value) { return std::string(" ") + name + "=\"" + number(value) + "\""; }

std::string hex(Colour colour) {
  std::string text = "#";
  for (std::uint8_t part : {colour.red, colour.green, colour.blue}) {
    text += "0123456789abcdef"[part >> 4];
    text += "0123456789abcdef"[part & 15];
  }
  return "\"" + text + "\"";
}

std::string point(Point p) { return number(p.x) + "," + number(p.y); }

std::string rect_attributes(const Rect& r) {
  return attribute("x", r.x) + attribute("y", r.y) + attribute("width", r.width) + attribute("height", r.height);
}

std::string element(const FilledRect& shape) {
  return "<rect" + rect_attributes(shape.rect) + " fill=" + hex(shape.colour) + "/>\n";
}

std::string element(const FilledPolygon& shape) {
  std::string text = "<polygon points=\"";
  for (std::size_t i = 0; i < shape.corners.size(); ++i) text += join_text(i ? " " : "", point(shape.corners[i]));
  return text + "\" fill=" + hex(shape.colour) + "/>\n";
}

std::string element(const Stroke& shape) {
  std::string text = join_text("<path d=\"M", point(shape.path[0]));
  for (std::size_t i = 1; i < shape.path.size(); ++i) text += join_text(i % 3 == 1 ? 'C' : ' ', point(shape.path[i]));
  return text + "\" fill=\"none\" stroke=" + hex(shape.colour) + attribute("stroke-width", shape.width) + "/>\n";
}

std::string element(const DashedRect& shape) {
  return "<rect" + rect_attributes(shape.rect) + " fill=\"none\" stroke=" + hex(shape.colour) +
         attribute("stroke-width", shape.width) + " stroke-dasharray=\"" + number(kDash) + " " + number(kDashGap) +
         "\"/>\n";
}

std::string element(const Text& shape) {
  return "<text" + attribute("x", shape.baseline.x) + attribute("y", shape.baseline.y) +
         attribute("font-size", shape.font.size) + (shape.font.is_bold ? " font-weight=\"bold\"" : "") +
         " fill=" + hex(shape.colour) + attribute("textLength", text_width(shape.text, shape.font)) +
         " lengthAdjust=\"spacingAndGlyphs\">" + escaped(shape.text) + "</text>\n";
}

}  // namespace

std::string to_svg(const Drawing& drawing) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
                     number(drawing.size.width) + "pt\" height=\"" + number(drawing.size.height) +
                     "pt\" viewBox=\"0 0 " + number(drawing.size.width) + " " + number(drawing.size.height) +
                     "\" font-family=\"'DejaVu Sans Condensed', 'DejaVu Sans', Helvetica, Arial, sans-serif\" "
                     "xml:space=\"preserve\">\n";
  text += element(FilledRect{{0, 0, drawing.size.width, drawing.size.height}, kWhite});
  for (const Drawing::Shape& shape : drawing.shapes)
    text += std::visit([](const auto& one) { return element(one); }, shape);
  return text + "</svg>\n";
}

}  // namespace kerata::plot
