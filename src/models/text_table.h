// A box-drawn table of text, laid out as Python's rich lays out Keras's summaries.
#pragma once

#include <string>
#include <vector>

namespace kerata::models {

enum class Align { left, center, right };

struct Column {
  std::string header;
  int width = 0;  // of the content
  Align align = Align::left;
};

/// Rows of UTF-8 texts, wrapped at spaces; what does not fit ends in an ellipsis. `width` is that of the whole table;
/// columns are reduced evenly to fit.
std::vector<std::string> text_table(std::vector<Column> columns, const std::vector<std::vector<std::string>>& rows,
                                    int width);

/// One line cut to `width` cells of the screen.
std::string cropped(const std::string& line, int width);
/// Paragraph wrapped at spaces to lines of at most `width` cells.
std::vector<std::string> wrapped(const std::string& text, int width, bool fold);

}  // namespace kerata::models
