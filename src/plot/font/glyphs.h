// The outlines that the program carries (make_font.py tells their form).
#pragma once

#include <cstddef>

namespace kerata::plot {

struct Glyph {
  char32_t code;
  int advance;  // 1/1024 em
  const char* outline;
};

/// Sorted by code; the last one, U+FFFD, stands for all that are missing.
extern const Glyph kRegularGlyphs[], kBoldGlyphs[];
extern const std::size_t kRegularGlyphCount, kBoldGlyphCount;

}  // namespace kerata::plot
