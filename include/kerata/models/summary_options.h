// SummaryOptions: how a model's summary is printed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kerata/core/function.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Arguments of Model::summary, in Keras's order.
struct SummaryOptions {
  int line_length = 0;                                    // width of the table; 0: fits the terminal, at most 88 or 108
  std::vector<double> positions = {};                     // right ends of the columns, in parts of the width
  Function<void(const std::string& text)> print_fn = {};  // takes the whole text; none: standard output
  bool expand_nested = false;                             // also the layers of models inside
  bool show_trainable = false;                            // a column Y / N / -
  std::pair<std::string, std::string> layer_range = {};   // names (or regular expressions) of the first and last layer
};

}  // namespace kerata

#pragma GCC visibility pop
