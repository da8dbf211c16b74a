// How many cells of a terminal a character takes.
#pragma once

namespace kerata::models {

/// 2 for East Asian wide characters and emoji, 0 for combining marks and control characters, else 1.
int cell_width(char32_t character);

}  // namespace kerata::models
