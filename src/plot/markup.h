// Text inside of markup: SVG, and the labels of DOT that look like HTML.
#pragma once

#include <string>
#include <string_view>

namespace kerata::plot {

/// With &, < and > as entities.
std::string escaped(std::string_view text);

}  // namespace kerata::plot
