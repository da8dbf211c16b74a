// plot_model(): a picture of a model's graph.
#pragma once

#include "kerata/plot/model_to_dot.h"

#pragma GCC visibility push(default)

namespace kerata {

namespace utils {
/// Who draws: Kerata itself, or Graphviz's program `dot`.
enum class PlotEngine { kerata, dot };
}  // namespace utils

template <>
struct ChoiceNames<utils::PlotEngine> {
  static constexpr std::string_view list[] = {"kerata", "dot"};
};

namespace utils {

/// Arguments of plot_model, in Keras's order, and .engine.
struct PlotModelOptions {
  bool show_shapes = false;
  bool show_dtype = false;  // of the outputs
  bool show_layer_names = false;
  Choice<RankDirection> rankdir = "TB";
  bool expand_nested = false;  // models inside as dashed frames around their layers
  int dpi = 200;               // pixels per inch of a .png, > 0; lowered where a side would exceed 32,767 pixels
  bool show_layer_activations = false;  // of layers that have an activation
  bool show_trainable = false;          // of layers that have weights
  Choice<Splines> splines = "ortho";    // of Graphviz's drawing; Kerata draws smooth curves
  Choice<PlotEngine> engine = "kerata";
};

/// Draws the model into `to_file`; the suffix is the format: .png (also without a suffix), .svg, or .dot (text for
/// Graphviz); with .engine = "dot" whatever Graphviz writes. Nothing has to be installed for Kerata's own drawing; the
/// same model gives the same bytes. Throws ValueError when the model is not built, for dpi < 1 and for an unknown
/// suffix, BackendError when the file cannot be written or Graphviz is asked for and missing.
void plot_model(const Model& model, const std::string& to_file = "model.png", const PlotModelOptions& options = {});

}  // namespace utils
}  // namespace kerata

#pragma GCC visibility pop
