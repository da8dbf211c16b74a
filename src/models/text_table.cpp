#include "models/text_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/require.h"

namespace kerata::models {
namespace {

using Glyphs = std::vector<std::string>;  // one UTF-8 character each

Glyphs glyphs_of(std::string_view text) {
  Glyphs glyphs;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80) ++length;
    glyphs.emplace_back(text.substr(i, length));
    i += length;
  }
  return glyphs;
}

std::string joined(const Glyphs& glyphs, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end && i < glyphs.size(); ++i) text += glyphs[i];
  return text;
}

bool is_space(const std::string& glyph) { return glyph == " " || glyph == "\n" || glyph == "\t"; }

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
    const int bare = static_cast<int>(end - start);
    while (end < text.size() && is_space(text[end])) ++end;
    const int whole = static_cast<int>(end - start);
    if (width - used >= bare) {
      used += whole;
    } else if (bare > width) {
      if (fold) {
        const std::size_t stop = end;
        for (std::size_t from = start; from < stop; from += static_cast<std::size_t>(width)) {
          if (from) positions.push_back(from);
          used = static_cast<int>(std::min(stop - from, static_cast<std::size_t>(width)));
        }
      } else {
        if (start) positions.push_back(start);
        used = whole;
      }
    } else if (used && start) {
      positions.push_back(start);
      used = whole;
    }
    at = end;
  }
  return positions;
}

std::string stripped_and_cut(Glyphs line, int width) {
  while (!line.empty() && is_space(line.back()) && static_cast<int>(line.size()) > width) line.pop_back();
  while (!line.empty() && is_space(line.back())) line.pop_back();
  if (static_cast<int>(line.size()) > width) {
    line.resize(static_cast<std::size_t>(std::max(0, width - 1)));
    line.push_back("…");
  }
  return joined(line, 0, line.size());
}

std::string aligned(const std::string& text, int width, Align align) {
  const int space = std::max(0, width - static_cast<int>(glyphs_of(text).size()));
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

std::string cropped(const std::string& line, int width) {
  const Glyphs glyphs = glyphs_of(line);
  return joined(glyphs, 0, static_cast<std::size_t>(std::max(0, width)));
}

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
