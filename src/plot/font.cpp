#include "plot/font.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "plot/font/glyphs.h"

namespace kerata::plot {
namespace {

constexpr double kUnits = 1024;

const Glyph& glyph_of(char32_t code, bool is_bold) {
  const std::span<const Glyph> glyphs =
      is_bold ? std::span(kBoldGlyphs, kBoldGlyphCount) : std::span(kRegularGlyphs, kRegularGlyphCount);
  const auto found =
      std::lower_bound(glyphs.begin(), glyphs.end(), code, [](const Glyph& a, char32_t b) { return a.code < b; });
  return found != glyphs.end() && found->code == code ? *found : glyphs.back();
}

/// UTF-8; a byte that does not belong there becomes U+FFFD.
std::u32string characters_of(std::string_view text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : -1;
    char32_t code = more <= 0 ? first : first & (0x3Fu >> more);
    bool ok = more >= 0;
    for (int k = 0; k < more && ok; ++k) {
      ok = i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
      if (ok) code = code << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    }
    result += ok ? code : U'\uFFFD';
  }
  return result;
}

/// Number of lines for a curve whose control polygon bends by `bend`.
int pieces_for(double bend, double tolerance) {
  return std::clamp(static_cast<int>(std::ceil(std::sqrt(bend / (4 * tolerance)))), 1, 64);
}

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

void append_quadratic(Polygon& line, Point a, Point b, Point c, double tolerance) {
  const int pieces = pieces_for(distance({(a.x + c.x) / 2, (a.y + c.y) / 2}, b), tolerance);
  for (int i = 1; i <= pieces; ++i) {
    const double t = static_cast<double>(i) / pieces, s = 1 - t;
    line.push_back({s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y});
  }
}

class OutlineReader {
 public:
  OutlineReader(const char* text, Point origin, double scale, double tolerance)
      : text_(text), origin_(origin), scale_(scale), tolerance_(tolerance) {}

  void append_to(std::vector<Polygon>& polygons) {
    while (*text_) {
      const char kind = *text_++;
      if (kind == 'm') {
        polygons.push_back({step()});
        continue;
      }
      const Point before = polygons.back().back(), next = step();
      if (kind == 'l')
        polygons.back().push_back(next);
      else
        append_quadratic(polygons.back(), before, next, step(), tolerance_);
    }
  }

 private:
  static int digit(char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
                                  : 63;
  }
  int number() {
    const int high = digit(*text_++), low = digit(*text_++);
    return high * 64 + low - 2048;
  }
  Point step() {
    x_ += number();
    y_ += number();
    return {origin_.x + x_ * scale_, origin_.y - y_ * scale_};
  }

  const char* text_;
  Point origin_;
  double scale_, tolerance_;
  int x_ = 0, y_ = 0;
};

}  // namespace

double text_width(std::string_view text, Font font) {
  double width = 0;
  for (char32_t code : characters_of(text)) width += glyph_of(code, font.is_bold).advance;
  return width * font.size / kUnits;
}

std::vector<Polygon> text_outline(std::string_view text, Font font, Point baseline, double tolerance) {
  std::vector<Polygon> polygons;
  const double scale = font.size / kUnits;
  for (char32_t code : characters_of(text)) {
    const Glyph& glyph = glyph_of(code, font.is_bold);
    OutlineReader(glyph.outline, baseline, scale, tolerance).append_to(polygons);
    baseline.x += glyph.advance * scale;
  }
  return polygons;
}

double line_height(Font font) { return 1.2 * font.size; }
double ascent(Font font) { return 0.95 * font.size; }

Polygon flattened(const Path& path, double tolerance) {
  Polygon line;
  if (path.empty()) return line;
  line.push_back(path[0]);
  for (std::size_t i = 0; i + 3 < path.size(); i += 3) {
    const Point a = path[i], b = path[i + 1], c = path[i + 2], d = path[i + 3];
    const Point third{(2 * a.x + d.x) / 3, (2 * a.y + d.y) / 3}, two_thirds{(a.x + 2 * d.x) / 3, (a.y + 2 * d.y) / 3};
    const int pieces = pieces_for(3 * std::max(distance(b, third), distance(c, two_thirds)), tolerance);
    for (int k = 1; k <= pieces; ++k) {
      const double t = static_cast<double>(k) / pieces, s = 1 - t;
      const double w0 = s * s * s, w1 = 3 * s * s * t, w2 = 3 * s * t * t, w3 = t * t * t;
      line.push_back({w0 * a.x + w1 * b.x + w2 * c.x + w3 * d.x, w0 * a.y + w1 * b.y + w2 * c.y + w3 * d.y});
    }
  }
  return line;
}

}  // namespace kerata::plot
