// Model::summary: Keras's table of layers.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <unordered_set>

#include "core/require.h"
#include "kerata/models/model.h"
#include "models/functional_graph.h"
#include "models/model_state.h"
#include "models/text_table.h"

namespace kerata {
namespace models {
namespace {

/// COLUMNS, else the terminal's, else 80: Python's shutil.get_terminal_size.
int terminal_width() {
  if (const char* columns = std::getenv("COLUMNS"))
    if (const int width = std::atoi(columns); width > 0) return width;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string with_commas(Dim number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) text.insert(text.begin() + static_cast<std::ptrdiff_t>(i -= 3), ',');
  return text;
}

std::string readable_size(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (bytes / 1024 >= 1 && unit + 1 < std::size(kUnits)) bytes /= 1024, ++unit;
  char text[64];
  std::snprintf(text, sizeof text, "%.2f %s", bytes, kUnits[unit]);
  return text;
}

struct Amount {
  Dim count = 0;
  double bytes = 0;
  void add(const Variable& variable) {
    // An optimizer's step counter is int32 in Keras on JAX, whose texts these are.
    const DType dtype = variable.dtype() == DType::int64 ? DType::int32 : variable.dtype();
    count += variable.shape().size();
    bytes += static_cast<double>(variable.shape().size()) * static_cast<double>(size_of(dtype));
  }
  std::string text() const { return with_commas(count) + " (" + readable_size(bytes) + ")"; }
};

Amount amount_of(const std::vector<Variable>& variables) {
  Amount amount;
  for (const Variable& variable : variables) amount.add(variable);
  return amount;
}

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (Dim i = 0; i < shape.rank(); ++i) {
    if (i) text += ", ";
    text += shape[i] < 0 ? "None" : std::to_string(shape[i]);
  }
  return text + ")";
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  if (shapes.empty()) return "?";
  if (shapes.size() == 1) return shape_text(shapes[0]);
  std::string text = "[";
  for (const Shape& shape : shapes) text += (text.size() > 1 ? ", " : "") + shape_text(shape);
  return text + "]";
}

std::vector<Shape> output_shapes(const Node& node) {
  std::vector<Shape> shapes;
  for (const NodeOutput& output : node.outputs) shapes.push_back(output.type.shape);
  return shapes;
}

/// One table: its columns, and the texts of a layer's row.
class Summary {
 public:
  Summary(const ModelLayer& model, const SummaryOptions& options) : model_(model), options_(options) {
    const FunctionalGraph* graph = model.model_state().graph.get();
    shows_connections_ = graph && !model.model_state().is_sequential && !graph->is_sequential();
  }

  std::string text() const {
    std::vector<double> positions = options_.positions;
    int width = shows_connections_ ? 108 : 88;
    if (positions.empty())
      positions = shows_connections_ ? std::vector<double>{0.3, 0.56, 0.74, 1.0} : std::vector<double>{0.45, 0.80, 1.0};
    if (options_.show_trainable) {
      width += 12;
      for (double& position : positions) position *= 0.90;
      positions.push_back(1.0);
    }
    const int terminal = terminal_width();
    width = options_.line_length > 0 ? options_.line_length : std::min(width, terminal - 4);
    std::vector<std::string> lines = wrapped("Model: \"" + display_name(model_) + "\"", terminal, true);
    for (const std::string& line : text_table(columns(positions, width), rows(), width))
      lines.push_back(cropped(line, terminal));
    for (const std::string& line : totals())
      for (const std::string& part : wrapped(line, terminal, true)) lines.push_back(part);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

 private:
  std::vector<Column> columns(const std::vector<double>& positions, int width) const {
    std::vector<Column> result = {
        {"Layer (type)", 0, Align::left}, {"Output Shape", 0, Align::left}, {"Param #", 0, Align::right}};
    if (shows_connections_) result.push_back({"Connected to", 0, Align::left});
    if (options_.show_trainable) result.push_back({"Trainable", 0, Align::center});
    require<ValueError>(positions.size() == result.size(), "Model.summary", "Expected ", result.size(),
                        " positions, one per column, received ", positions.size(), '.');
    int current = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i].width = static_cast<int>(positions[i] * width) - current;
      require<ValueError>(result[i].width >= 4, "Model.summary", "Insufficient console width to print summary.");
      current += result[i].width;
    }
    return result;
  }

  std::vector<std::vector<std::string>> rows() const {
    std::vector<std::vector<std::string>> all;
    std::vector<std::string> names;
    std::vector<std::size_t> first_row;
    auto begin = [&](const std::string& name) {
      names.push_back(name);
      first_row.push_back(all.size());
    };
    if (const FunctionalGraph* graph = model_.model_state().graph.get(); graph && !model_.model_state().is_sequential) {
      for (const Operation& operation : graph->operations()) {
        begin(operation.name());
        if (operation.layer)
          append_layer(all, *operation.layer, &operation, 0);
        else
          all.push_back(op_row(operation));
      }
    } else {
      for (const AnyLayer& layer : layers_of(model_)) {
        begin(display_name(*layer.ptr()));
        append_layer(all, *layer.ptr(), nullptr, 0);
      }
    }
    first_row.push_back(all.size());
    const auto [first, last] = range(names);
    return {all.begin() + static_cast<std::ptrdiff_t>(first_row[first]),
            all.begin() + static_cast<std::ptrdiff_t>(first_row[last])};
  }

  std::pair<std::size_t, std::size_t> range(const std::vector<std::string>& names) const {
    const auto& [from, to] = options_.layer_range;
    if (from.empty() && to.empty()) return {0, names.size()};
    std::vector<std::size_t> lower, upper;
    try {
      const std::regex lower_pattern(from), upper_pattern(to);
      for (std::size_t i = 0; i < names.size(); ++i) {
        constexpr auto kAtStart = std::regex_constants::match_continuous;
        if (std::regex_search(names[i], lower_pattern, kAtStart)) lower.push_back(i);
        if (std::regex_search(names[i], upper_pattern, kAtStart)) upper.push_back(i);
      }
    } catch (const std::regex_error&) {
      fail<ValueError>("Model.summary", "layer_range holds no valid regular expressions: \"", from, "\", \"", to,
                       "\".");
    }
    require<ValueError>(!lower.empty() && !upper.empty(), "Model.summary",
                        "Passed layer_names do not match the layer names in "
                        "the model. Received: \"",
                        from, "\", \"", to, "\".");
    if (lower.front() > upper.back()) return {upper.front(), lower.back() + 1};
    return {lower.front(), upper.back() + 1};
  }

  void append_layer(std::vector<std::vector<std::string>>& all, const LayerBase& layer, const Operation* operation,
                    int depth) const {
    std::string prefix;
    for (int i = 0; i < depth; ++i) prefix += "   ";
    if (depth > 0) prefix += "└ ";
    std::vector<std::string> row = {prefix + display_name(layer) + " (" + plain_class_name(layer) + ")",
                                    shapes_text(layer.state().last_shapes), params_text(layer)};
    if (shows_connections_) row.push_back(operation ? connections(*operation) : "-");
    if (options_.show_trainable) row.push_back(layer.weights().empty() ? "-" : layer.trainable() ? "Y" : "N");
    all.push_back(std::move(row));
    const auto* nested = dynamic_cast<const ModelLayer*>(&layer);
    if (!options_.expand_nested || !nested) return;
    for (const AnyLayer& part : layers_of(*nested)) append_layer(all, *part.ptr(), own_call_of(*part.ptr()), depth + 1);
  }

  /// A layer of a model inside may be called by this model, too.
  const Operation* own_call_of(const LayerBase& layer) const {
    if (!shows_connections_) return nullptr;
    for (const Operation& operation : model_.model_state().graph->operations())
      if (operation.layer.get() == &layer) return &operation;
    return nullptr;
  }

  std::vector<std::string> op_row(const Operation& operation) const {
    std::vector<std::string> row = {operation.op_name + " (" + operation.op_class + ")",
                                    shapes_text(output_shapes(*operation.nodes[0])), "0"};
    if (shows_connections_) row.push_back(connections(operation));
    if (options_.show_trainable) row.push_back("-");
    return row;
  }

  static std::string params_text(const LayerBase& layer) {
    if (!layer.built()) return "0 (unbuilt)";
    return with_commas(amount_of(layer.weights()).count);
  }

  /// "dense[0][0]": the layer, which of its calls, which output.
  std::string connections(const Operation& operation) const {
    const FunctionalGraph& graph = *model_.model_state().graph;
    std::string text;
    for (const auto& node : operation.nodes)
      for (const Tensor& x : tensors_into(*node)) {
        const Operation& from = graph.operation_of(x.node());
        if (!text.empty()) text += ", ";
        text +=
            from.name() + "[" + std::to_string(call_number(from, x.node())) + "][" + std::to_string(x.index()) + "]";
      }
    return text.empty() ? "-" : text;
  }

  static std::size_t call_number(const Operation& operation, const Node* node) {
    if (!operation.layer) return 0;
    std::size_t number = 0;
    for (const std::weak_ptr<Node>& call : operation.layer->state().calls) {
      const std::shared_ptr<Node> other = call.lock();
      if (other.get() == node) return number;
      number += other != nullptr;
    }
    return number;
  }

  std::vector<std::string> totals() const {
    const Amount trainable = amount_of(model_.trainable_weights()), others = amount_of(model_.non_trainable_weights());
    Amount optimizer;
    const auto& optimizer_variables = model_.model_state().optimizer_variables;
    if (optimizer_variables) optimizer = amount_of(optimizer_variables());
    const Amount total{trainable.count + others.count + optimizer.count,
                       trainable.bytes + others.bytes + optimizer.bytes};
    std::vector<std::string> lines = {" Total params: " + total.text(), " Trainable params: " + trainable.text(),
                                      " Non-trainable params: " + others.text()};
    if (optimizer.count > 0) lines.push_back(" Optimizer params: " + optimizer.text());
    return lines;
  }

  const ModelLayer& model_;
  const SummaryOptions& options_;
  bool shows_connections_ = false;
};

}  // namespace
}  // namespace models

void Model::summary(const SummaryOptions& options) const {
  const std::string text = models::Summary(impl(), options).text();
  if (options.print_fn) return options.print_fn(text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace kerata
