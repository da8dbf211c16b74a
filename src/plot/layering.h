// A graph whose arcs all join neighbouring layers: the order of its nodes, and where they stand.
#pragma once

#include <cstddef>
#include <vector>

namespace kerata::plot {

/// Part of an edge between two neighbouring layers.
struct Segment {
  int upper = 0, lower = 0;               // nodes
  double upper_port = 0, lower_port = 0;  // from the middle of the node to where the edge must join it
};

/// x grows along a layer, the layers lie below each other.
struct Layering {
  struct Node {
    double width = 0;
    int layer = 0;
    bool is_bend = false;  // of a long edge: no box
  };
  std::vector<Node> nodes;
  std::vector<Segment> segments;
  std::vector<std::vector<int>> layers;        // nodes from left to right
  std::vector<std::vector<int>> above, below;  // segments of each node

  /// Fills layers, above and below.
  void connect();
  int num_crossings() const;
};

/// Orders the nodes of each layer so that few edges cross: weighted medians up and down, exchanges of neighbours, from
/// several first orders. Deterministic.
void order_layers(Layering& graph);

/// The middle of each node; long edges and chains become straight where they can. Source: Brandes, Köpf: Fast and
/// simple horizontal coordinate assignment (2001), with the sizes of nodes and fixed ports.
std::vector<double> place_nodes(const Layering& graph);

}  // namespace kerata::plot
