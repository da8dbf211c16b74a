// model_to_dot(): a model's graph in Graphviz's DOT language.
#pragma once

#include <string>

#include "kerata/core/choice.h"
#include "kerata/models/model.h"

#pragma GCC visibility push(default)

namespace kerata {

namespace utils {
/// Which way the edges of a drawing run: from top to bottom, from left to right ...
enum class RankDirection { top_bottom, left_right, bottom_top, right_left };
/// How Graphviz draws edges.
enum class Splines { ortho, curved, polyline, spline, line };
}  // namespace utils

template <>
struct ChoiceNames<utils::RankDirection> {
  static constexpr std::string_view list[] = {"TB", "LR", "BT", "RL"};
};
template <>
struct ChoiceNames<utils::Splines> {
  static constexpr std::string_view list[] = {"ortho", "curved", "polyline", "spline", "line"};
};

namespace utils {

/// Arguments of model_to_dot, in Keras's order.
struct ModelToDotOptions {
  bool show_shapes = false;
  bool show_dtype = false;  // of the outputs
  bool show_layer_names = true;
  Choice<RankDirection> rankdir = "TB";
  bool expand_nested = false;           // models inside as dashed frames around their layers
  int dpi = 200;                        // pixels per inch, > 0
  bool subgraph = false;                // a cluster, to stand inside another graph
  bool show_layer_activations = false;  // of layers that have an activation
  bool show_trainable = false;          // of layers that have weights
  Choice<Splines> splines = "ortho";
};

/// A graph in the DOT language.
class DotGraph {
 public:
  explicit DotGraph(std::string text) : text_(std::move(text)) {}
  const std::string& to_string() const { return text_; }
  /// By the suffix: .dot or .gv holds the text; any other ("graph.svg", "graph.pdf") is drawn by Graphviz's program
  /// `dot`, which must be installed. Throws BackendError when it is missing or fails, or the file cannot be written.
  void write(const std::string& path) const;

 private:
  std::string text_;
};

/// The graph that keras.utils.model_to_dot makes: nodes, labels, clusters and edges are the same, and nodes are called
/// n0, n1, ... A subclassed model is one node. Throws ValueError when the model is not built.
DotGraph model_to_dot(const Model& model, const ModelToDotOptions& options = {});

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
