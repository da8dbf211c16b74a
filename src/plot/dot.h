// The DOT text of a diagram, and Graphviz's program that draws it.
#pragma once

#include <string>

#include "plot/diagram.h"

namespace kerata::plot {

std::string dot_text(const Diagram& diagram, const utils::ModelToDotOptions& options);

/// Runs `dot -T<format>` with the text on its standard input. The file is there whole or not at all. Throws
/// BackendError.
void run_graphviz(const std::string& text, const std::string& format, const std::string& path);

/// "png" of "a.b/model.png", in lower case; "" without a suffix.
std::string suffix_of(const std::string& path);

}  // namespace kerata::plot
