// Nodes, boxes, edges and clusters are numbered by int, so that -1 can stand for none.
#pragma once

#include <cstddef>

namespace kerata::plot {

inline std::size_t at(int number) { return static_cast<std::size_t>(number); }

}  // namespace kerata::plot
