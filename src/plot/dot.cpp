#include "plot/dot.h"

#include "core/require.h"
#include "files/atomic_file.h"
#include "plot/markup.h"

namespace kerata::plot {
namespace {

std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// DOT's names and values: quoted unless they are words or numbers.
std::string quoted(const std::string& text) {
  bool is_word = !text.empty() && !(text[0] >= '0' && text[0] <= '9');
  for (char c : text)
    is_word = is_word && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
  return is_word ? text : in_quotes(text);
}

std::string cell_text(const Cell& cell, const std::string& colspan) {
  std::string text = "<td";
  switch (cell.style) {
    case CellStyle::title:
      text += colspan + " bgcolor=\"black\"><font point-size=\"16\" color=\"white\">";
      break;
    case CellStyle::plain:
      text += " bgcolor=\"white\"" + colspan + "><font point-size=\"14\">";
      break;
    case CellStyle::trainable:
      text += " bgcolor=\"forestgreen\"><font point-size=\"14\" color=\"white\">";
      break;
    case CellStyle::frozen:
      text += " bgcolor=\"firebrick\"><font point-size=\"14\" color=\"white\">";
      break;
  }
  return text + escaped(cell.before) + "<b>" + escaped(cell.bold) + "</b>" + escaped(cell.after) + "</font></td>";
}

std::string label_text(const BoxLabel& label) {
  std::string text = "<<table border=\"0\" cellborder=\"1\" bgcolor=\"black\" cellpadding=\"10\">";
  const std::string all_columns = " colspan=\"" + std::to_string(label.num_columns) + "\"";
  for (const std::vector<Cell>& row : label.rows) {
    text += "<tr>";
    // Title and activation go over all columns, the cells of the last row over one each.
    const bool is_wide = row[0].style == CellStyle::title || row[0].before == "Activation: ";
    for (const Cell& cell : row) text += cell_text(cell, is_wide ? all_columns : "");
    text += "</tr>";
  }
  return text + "</table>>";
}

class Writer {
 public:
  Writer(const Diagram& diagram, const utils::ModelToDotOptions& options) : diagram_(diagram), options_(options) {}

  std::string run() {
    if (options_.subgraph) {
      cluster(0);
    } else {
      text_ += "digraph G {\n";
      attribute("rankdir", std::string(options_.rankdir.name()));
      attribute("concentrate", "true");
      attribute("dpi", std::to_string(options_.dpi));
      attribute("splines", std::string(options_.splines.name()));
      text_ += "node [shape=record];\n";
      content(0);
      text_ += "}\n";
    }
    return std::move(text_);
  }

 private:
  void attribute(const char* key, const std::string& value) { text_ += key + ("=" + value) + ";\n"; }

  void cluster(int index) {
    const std::string& name = diagram_.clusters[static_cast<std::size_t>(index)].name;
    text_ += "subgraph " + quoted("cluster_" + name) + " {\n";
    attribute("style", "dashed");
    attribute("label", in_quotes(name));
    attribute("labeljust", "l");
    content(index);
    text_ += "}\n";
  }

  void content(int index) {
    const Diagram::Cluster& here = diagram_.clusters[static_cast<std::size_t>(index)];
    for (const Diagram::Entry& entry : here.entries) {
      if (entry.is_cluster) {
        cluster(entry.index);
        continue;
      }
      const BoxLabel& label = diagram_.boxes[static_cast<std::size_t>(entry.index)];
      text_ +=
          join_text('n', entry.index, " [label=", label_text(label), ", fontname=Helvetica, border=0, margin=0];\n");
    }
    for (const Diagram::Edge& edge : here.edges)
      text_ += join_text('n', edge.from, " -> n", edge.to, " [penwidth=2];\n");
  }

  const Diagram& diagram_;
  const utils::ModelToDotOptions& options_;
  std::string text_;
};

}  // namespace

std::string dot_text(const Diagram& diagram, const utils::ModelToDotOptions& options) {
  return Writer(diagram, options).run();
}

}  // namespace kerata::plot

namespace kerata::utils {

DotGraph model_to_dot(const Model& model, const ModelToDotOptions& options) {
  require<ValueError>(options.dpi > 0, "model_to_dot", "Expected a dpi above 0, received ", options.dpi, '.');
  return DotGraph(plot::dot_text(plot::make_diagram(model, options), options));
}

void DotGraph::write(const std::string& path) const {
  const std::string format = plot::suffix_of(path);
  if (format == "dot" || format == "gv") return files::write_atomically(path, text_);
  plot::run_graphviz(text_, format.empty() ? "png" : format, path);
}

}  // namespace kerata::utils
