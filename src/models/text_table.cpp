#include "models/text_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/require.h"
#include "models/cell_width.h"

namespace kerata::models {
namespace {

/// A character with the combining marks behind it, and the cells that it takes on a screen.
struct Glyph {
  std::string text;
  int width;
  int num_characters = 1;
};
using Glyphs = std::vector<Glyph>;

char32_t code_of(std::string_view utf8) {
  const auto first = static_cast<unsigned char>(utf8[0]);
  if (utf8.size() == 1) return first;
  char32_t code = first & (0x7fu >> std::min<std::size_t>(utf8.size(), 7));  // more than 4 bytes: no UTF-8
  for (const char c : utf8.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return code;
}

/// Of UTF-8; a tab becomes spaces up to the next multiple of 8, as in rich.
Glyphs glyphs_of(std::string_view text) {
  constexpr int kTab = 8;
  Glyphs glyphs;
  int column = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80) ++length;
    const std::string_view character = text.substr(i, length);
    i += length;
    if (character == "\t") {
      const int spaces = kTab - column % kTab;
      glyphs.insert(glyphs.end(), static_cast<std::size_t>(spaces), Glyph{" ", 1});
      column += spaces;
      continue;
    }
    const int width = cell_width(code_of(character));
    column += width;
    if (width == 0 && !glyphs.empty() && character != "\n") {
      glyphs.back().text += character;
      ++glyphs.back().num_characters;
    } else {
      glyphs.push_back({std::string(character), width});
    }
  }
  return glyphs;
}

int width_of(const Glyphs& glyphs, std::size_t begin, std::size_t end) {
  int width = 0;
  for (std::size_t i = begin; i < end; ++i) width += glyphs[i].width;
  return width;
}
int width_of(const Glyphs& glyphs) { return width_of(glyphs, 0, glyphs.size()); }

std::string joined(const Glyphs& glyphs) {
  std::string text;
  for (const Glyph& glyph : glyphs) text += glyph.text;
  return text;
}

/// The first cells; a wide character that does not fit leaves a space.
Glyphs cut(Glyphs glyphs, int width) {
  int used = width_of(glyphs);
  if (used <= width) return glyphs;
  while (used > width) {
    used -= glyphs.back().width;
    glyphs.pop_back();
  }
  for (; used < width; ++used) glyphs.push_back({" ", 1});
  return glyphs;
}

bool is_space(const Glyph& glyph) { return glyph.text == " " || glyph.text == "\n"; }

std::string times(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

/// Where lines begin: rich._wrap.divide_line.
std::vector<std::size_t> breaks(const Glyphs& text, int width, bool fold) {
  std::vector<std::size_t> positions;
  int used = 0;
  std::size_t at = 0;
  while (at < text.size()) {  // a word is \s*\S+\s*
    std::size_t start = at, end = at;
    while (end < text.size() && is_space(text[end])) ++end;
    if (end == text.size()) break;
    while (end < text.size() && !is_space(text[end])) ++end;
    const int bare = width_of(text, start, end);
    while (end < text.size() && is_space(text[end])) ++end;
    const int whole = width_of(text, start, end);
    if (width - used >= bare) {
      used += whole;
    } else if (bare > width) {
      if (start) positions.push_back(start);
      used = fold ? 0 : whole;
      for (std::size_t i = start; fold && i < end; ++i) {
        if (used + text[i].width > width) {
          positions.push_back(i);
          used = 0;
        }
        used += text[i].width;
      }
    } else if (used && start) {
      positions.push_back(start);
      used = whole;
    }
    at = end;
  }
  return positions;
}

/// rich.Text.rstrip_end, which counts characters, and then truncate, which counts cells.
std::string stripped_and_cut(Glyphs line, int width) {
  int excess = -width;
  for (const Glyph& glyph : line) excess += glyph.num_characters;
  for (; excess > 0 && !line.empty() && is_space(line.back()); --excess) line.pop_back();
  if (width_of(line) > width) {
    line = cut(std::move(line), std::max(0, width - 1));
    line.push_back({"…", 1});
  }
  while (!line.empty() && is_space(line.back())) line.pop_back();
  return joined(line);
}

std::string aligned(const std::string& text, int width, Align align) {
  const int space = std::max(0, width - width_of(glyphs_of(text)));
  const int left = align == Align::left ? 0 : align == Align::right ? space : space / 2;
  return times(" ", left) + text + times(" ", space - left);
}

// rich._ratio.ratio_reduce with equal ratios: rounds half to even, as Python does.
void reduce_evenly(std::vector<int>& widths, int excess) {
  int columns = static_cast<int>(widths.size());
  for (int& width : widths) {
    const int share = std::min(width, static_cast<int>(std::nearbyint(static_cast<double>(excess) / columns)));
    width -= share;
    excess -= share;
    --columns;
  }
}

struct Box {
  std::string_view left, fill, middle, right;
};

std::string rule(const std::vector<int>& widths, const Box& box) {
  std::string line(box.left);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i) line += box.middle;
    line += times(box.fill, widths[i]);
  }
  return line + std::string(box.right);
}

void append_row(std::vector<std::string>& lines, const std::vector<std::string>& cells,
                const std::vector<Column>& columns, const std::vector<int>& widths, std::string_view bar,
                bool at_bottom) {
  std::vector<std::vector<std::string>> texts;
  std::size_t height = 1;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    texts.push_back(wrapped(cells[i], widths[i] - 2, false));
    height = std::max(height, texts.back().size());
  }
  for (std::size_t row = 0; row < height; ++row) {
    std::string line(bar);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::size_t skipped = at_bottom ? height - texts[i].size() : 0;
      const std::string text =
          row >= skipped && row - skipped < texts[i].size() ? texts[i][row - skipped] : std::string();
      line += join_text(' ', aligned(text, widths[i] - 2, columns[i].align), ' ', bar);
    }
    lines.push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> wrapped(const std::string& text, int width, bool fold) {
  const Glyphs glyphs = glyphs_of(text);
  std::vector<std::size_t> positions = breaks(glyphs, width, fold);
  positions.push_back(glyphs.size());
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end : positions) {
    lines.push_back(stripped_and_cut(
        Glyphs(glyphs.begin() + static_cast<std::ptrdiff_t>(begin), glyphs.begin() + static_cast<std::ptrdiff_t>(end)),
        width));
    begin = end;
  }
  return lines;
}

std::string cropped(const std::string& line, int width) { return joined(cut(glyphs_of(line), std::max(0, width))); }

std::vector<std::string> text_table(std::vector<Column> columns, const std::vector<std::vector<std::string>>& rows,
                                    int width) {
  std::vector<int> widths;
  int total = 0;
  const int available = width - static_cast<int>(columns.size()) - 1;
  for (const Column& column : columns) {
    widths.push_back(std::min(column.width + 2, available));
    total += widths.back();
  }
  if (total > available)
    reduce_evenly(widths, total - available);
  else if (total < available) {
    int left = total;
    int remaining = available - total;
    for (int& one : widths) {  // rich._ratio.ratio_distribute, the widths being the ratios
      const int ratio = one;
      const int share =
          left > 0 ? static_cast<int>(std::ceil(static_cast<double>(ratio) * remaining / left)) : remaining;
      one += share;
      left -= ratio;
      remaining -= share;
    }
  }
  std::vector<std::string> lines, headers;
  for (const Column& column : columns) headers.push_back(column.header);
  lines.push_back(rule(widths, {"┏", "━", "┳", "┓"}));
  append_row(lines, headers, columns, widths, "┃", true);
  lines.push_back(rule(widths, {"┡", "━", "╇", "┩"}));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i) lines.push_back(rule(widths, {"├", "─", "┼", "┤"}));
    append_row(lines, rows[i], columns, widths, "│", false);
  }
  lines.push_back(rule(widths, {"└", "─", "┴", "┘"}));
  return lines;
}

}  // namespace kerata::models
