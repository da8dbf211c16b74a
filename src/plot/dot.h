// The DOT text of a diagram, and Graphviz's program that draws it.
#pragma once

#include <string>

#include "plot/diagram.h"

namespace kerata::plot {

std::string dot_text(const Diagram& diagram, const utils::ModelToDotOptions& options);

/// Runs `dot -T<format> -o <path>` with the text on its standard input. Throws BackendError.
void run_graphviz(const std::string& text, const std::string& format, const std::string& path);

/// The whole file at once. Throws BackendError naming the path.
void write_file(const std::string& path, const std::string& content);

/// "png" of "a.b/model.png", in lower case; "" without a suffix.
std::string suffix_of(const std::string& path);

}  // namespace kerata::plot
