// Layers of a graph: network simplex.
#pragma once

#include <vector>

namespace kerata::plot {

struct Arc {
  int from = 0, to = 0;
};

/// For each arc whether it must be turned round, so that the graph has no cycle (depth first, nodes in their order).
/// Loops are not turned.
std::vector<bool> arcs_against_the_order(int num_nodes, const std::vector<Arc>& arcs);

/// A layer for each node of a graph without cycles: from 0, every arc leads to a later layer, and the sum of the arcs'
/// lengths is smallest. Source: Gansner, Koutsofios, North, Vo: A technique for drawing directed graphs (1993).
std::vector<int> assign_layers(int num_nodes, const std::vector<Arc>& arcs);

}  // namespace kerata::plot
