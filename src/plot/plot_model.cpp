#include "kerata/plot/plot_model.h"

#include "core/require.h"
#include "files/atomic_file.h"
#include "plot/dot.h"
#include "plot/draw.h"

namespace kerata::utils {

void plot_model(const Model& model, const std::string& to_file, const PlotModelOptions& options) {
  require<ValueError>(options.dpi > 0, "plot_model", "Expected a dpi above 0, received ", options.dpi, '.');
  const ModelToDotOptions dot_options{.show_shapes = options.show_shapes,
                                      .show_dtype = options.show_dtype,
                                      .show_layer_names = options.show_layer_names,
                                      .rankdir = options.rankdir,
                                      .expand_nested = options.expand_nested,
                                      .dpi = options.dpi,
                                      .show_layer_activations = options.show_layer_activations,
                                      .show_trainable = options.show_trainable,
                                      .splines = options.splines};
  const plot::Diagram diagram = plot::make_diagram(model, dot_options);
  const std::string suffix = plot::suffix_of(to_file), format = suffix.empty() ? "png" : suffix;
  if (format == "dot" || format == "gv") return files::write_atomically(to_file, plot::dot_text(diagram, dot_options));
  if (options.engine == PlotEngine::dot)
    return plot::run_graphviz(plot::dot_text(diagram, dot_options), format, to_file);
  require<ValueError>(format == "png" || format == "svg", "plot_model",
                      "Kerata draws .png, .svg and .dot files, not '.", format,
                      "'. Hint: the engine \"dot\" lets Graphviz write it.");
  const plot::Drawing drawing =
      plot::draw(diagram, static_cast<plot::Direction>(static_cast<RankDirection>(options.rankdir)));
  files::write_atomically(to_file, format == "svg" ? plot::to_svg(drawing) : plot::to_png(drawing, options.dpi));
}

}  // namespace kerata::utils
