#include "plot/diagram.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/require.h"
#include "models/functional_graph.h"
#include "models/model_state.h"

namespace kerata::plot {
namespace {

using models::FunctionalGraph;
using models::Operation;

const ModelLayer* as_model(const LayerBase* layer) { return dynamic_cast<const ModelLayer*>(layer); }
/// A model whose layers can be shown: functional or Sequential.
const ModelLayer* as_open_model(const LayerBase* layer) {
  const ModelLayer* model = as_model(layer);
  return model && (models::is_functional(*model) || model->model_state().is_sequential) ? model : nullptr;
}

/// Python's text of a shape.
std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (Dim i = 0; i < shape.rank(); ++i) {
    if (i) text += ", ";
    text += shape[i] < 0 ? "None" : std::to_string(shape[i]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

template <class Text>
std::string list_text(const std::vector<Tensor>& tensors, Text text) {
  if (tensors.size() == 1) return text(tensors[0]);
  std::string all = "[";
  for (const Tensor& x : tensors) all += (all.size() > 1 ? ", " : "") + text(x);
  return all + "]";
}

std::vector<Tensor> outputs_of(const std::shared_ptr<Node>& node) {
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < node->outputs.size(); ++i) outputs.emplace_back(node, static_cast<int>(i));
  return outputs;
}

/// A layer or raw op, as labels need it.
struct Subject {
  const LayerBase* layer = nullptr;
  const Operation* op = nullptr;  // of a raw op, else null
  const void* key() const { return layer ? static_cast<const void*>(layer) : op->nodes[0].get(); }
};

class LabelMaker {
 public:
  explicit LabelMaker(const utils::ModelToDotOptions& options) : options_(options) {}

  BoxLabel label_of(const Subject& subject) const {
    const LayerBase* layer = subject.layer;
    const std::string class_name = layer ? plain_class_name(*layer) : subject.op->op_class;
    BoxLabel label;
    label.num_columns = std::max(1, 2 * options_.show_shapes + options_.show_dtype + options_.show_trainable);
    if (options_.show_layer_names)
      label.rows.push_back(
          {{"", layer ? display_name(*layer) : subject.op->op_name, " (" + class_name + ")", CellStyle::title}});
    else
      label.rows.push_back({{"", class_name, "", CellStyle::title}});
    if (const std::string activation = activation_of(layer); options_.show_layer_activations && !activation.empty())
      label.rows.push_back({{"Activation: ", activation, "", CellStyle::plain}});
    std::vector<Cell> cells;
    find_tensors(subject);
    if (options_.show_shapes) {
      auto shapes = [](const Tensor& x) { return shape_text(x.shape()); };
      if (class_name != "InputLayer")
        cells.push_back({"Input shape: ", known_ ? list_text(inputs_, shapes) : "?", "", CellStyle::plain});
      cells.push_back({"Output shape: ", known_ ? list_text(outputs_, shapes) : "?", "", CellStyle::plain});
    }
    if (options_.show_dtype) cells.push_back({"Output dtype: ", known_ ? dtypes_text() : "?", "", CellStyle::plain});
    if (options_.show_trainable && layer && !layer->weights().empty())
      cells.push_back({"", layer->trainable() ? "Trainable" : "Non-trainable", "",
                       layer->trainable() ? CellStyle::trainable : CellStyle::frozen});
    if (!cells.empty()) label.rows.push_back(std::move(cells));
    return label;
  }

 private:
  std::string dtypes_text() const {
    const bool is_one = outputs_.size() == 1;
    return list_text(outputs_, [is_one](const Tensor& x) {
      const std::string name(to_string(x.dtype()));
      return is_one ? name : "'" + name + "'";
    });
  }

  // A layer's tensors are those of its first call, a model's its own.
  void find_tensors(const Subject& subject) const {
    inputs_.clear();
    outputs_.clear();
    known_ = true;
    if (const ModelLayer* model = as_model(subject.layer); model && models::is_functional(*model)) {
      inputs_ = models::inputs_of(*model);
      outputs_ = models::outputs_of(*model);
      return;
    }
    std::shared_ptr<Node> node = subject.layer ? nullptr : subject.op->nodes[0];
    if (subject.layer)
      for (const std::weak_ptr<Node>& call : subject.layer->state().calls)
        if (!node) node = call.lock();
    known_ = node != nullptr;
    if (!known_) return;
    inputs_ = models::tensors_into(*node);
    outputs_ = outputs_of(node);
  }

  static std::string activation_of(const LayerBase* layer) {
    if (!layer || as_model(layer) || !layer->state().recipe) return {};
    Config config;
    try {
      config = layer->get_config();
    } catch (const StateError&) {
      return {};  // a class of the user's without fields(): its activation is its own business
    }
    const Config* activation = config.find("activation");
    if (!activation || activation->is_null()) return {};
    if (activation->is_text()) return activation->as_text();
    const Config* inner = activation->find("config");
    const Config* name = inner && inner->is_object() ? inner->find("name") : inner;
    if (!name || !name->is_text()) name = activation->find("class_name");
    return name && name->is_text() ? name->as_text() : std::string();
  }

  const utils::ModelToDotOptions& options_;
  mutable std::vector<Tensor> inputs_, outputs_;
  mutable bool known_ = false;
};

class DiagramMaker {
 public:
  explicit DiagramMaker(const utils::ModelToDotOptions& options) : options_(options), labels_(options) {}

  Diagram run(const ModelLayer& model) {
    add_cluster(model);
    if (!as_open_model(&model))
      add_box({&model, nullptr}, 0);
    else
      fill(model, 0);
    return std::move(diagram_);
  }

 private:
  int add_cluster(const ModelLayer& model) {
    diagram_.clusters.push_back({display_name(model), {}, {}});
    return static_cast<int>(diagram_.clusters.size()) - 1;
  }

  void add_box(const Subject& subject, int cluster) {
    const auto [found, is_new] = box_of_.emplace(subject.key(), static_cast<int>(diagram_.boxes.size()));
    if (is_new) diagram_.boxes.push_back(labels_.label_of(subject));
    diagram_.clusters[static_cast<std::size_t>(cluster)].entries.push_back({false, found->second});
  }

  void add_edge(int cluster, const void* from, const void* to) {
    // The ops that make masks inside a Sequential are not among its layers, and have no box.
    if (!box_of_.contains(from) || !box_of_.contains(to)) return;
    const Diagram::Edge edge{box_of_.at(from), box_of_.at(to)};
    if (joined_.insert({cluster, {edge.from, edge.to}}).second)
      diagram_.clusters[static_cast<std::size_t>(cluster)].edges.push_back(edge);
  }

  void fill(const ModelLayer& model, int cluster) {
    const bool is_sequential = model.model_state().is_sequential;
    std::vector<Subject> subjects;
    if (is_sequential)
      for (const AnyLayer& layer : models::layers_of(model)) subjects.push_back({layer.ptr().get(), nullptr});
    else
      for (const Operation& operation : model.model_state().graph->operations())
        subjects.push_back({operation.layer.get(), operation.layer ? nullptr : &operation});
    for (const Subject& subject : subjects) {
      const ModelLayer* inner = options_.expand_nested ? as_open_model(subject.layer) : nullptr;
      if (!inner) {
        add_box(subject, cluster);
        continue;
      }
      const int frame = add_cluster(*inner);
      diagram_.clusters[static_cast<std::size_t>(cluster)].entries.push_back({true, frame});
      fill(*inner, frame);
    }
    if (is_sequential && !options_.expand_nested) {
      for (std::size_t i = 1; i < subjects.size(); ++i) add_edge(cluster, subjects[i - 1].key(), subjects[i].key());
      return;
    }
    // What leads into the first layer of a Sequential comes from outside of it.
    const LayerBase* first = is_sequential && !subjects.empty() ? subjects[0].layer : nullptr;
    for (const Operation& operation : model.model_state().graph->operations())
      if (!is_sequential || (operation.layer.get() != first && !operation.nodes[0]->is_input))
        connect(model, operation, cluster);
  }

  void connect(const ModelLayer& model, const Operation& operation, int cluster) {
    for (const std::shared_ptr<Node>& node : operation.nodes) {
      const std::vector<Tensor> inputs = models::tensors_into(*node);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const void* to = operation.layer ? target(operation.layer.get(), i) : node.get();
        add_edge(cluster, source(*model.model_state().graph, inputs[i]), to);
      }
    }
  }

  /// The box that makes this tensor; inside a model that is shown with its layers, the layer that makes its output.
  const void* source(const FunctionalGraph& graph, const Tensor& x) const {
    const Operation& operation = graph.operation_of(x.node());
    const ModelLayer* inner = options_.expand_nested ? as_open_model(operation.layer.get()) : nullptr;
    if (inner)
      return source(*inner->model_state().graph, models::outputs_of(*inner)[static_cast<std::size_t>(x.index())]);
    return operation.layer ? static_cast<const void*>(operation.layer.get()) : x.node();
  }

  /// The box that takes input `i` of this layer: an input of a functional model, the first layer of a Sequential. Masks
  /// follow the inputs in the same order.
  const void* target(const LayerBase* layer, std::size_t i) const {
    while (const ModelLayer* inner = options_.expand_nested ? as_open_model(layer) : nullptr) {
      const FunctionalGraph& graph = *inner->model_state().graph;
      layer = inner->model_state().is_sequential
                  ? models::layers_of(*inner).at(0).ptr().get()
                  : graph.operation_of(graph.inputs()[i % graph.inputs().size()].node()).layer.get();
    }
    return layer;
  }

  const utils::ModelToDotOptions& options_;
  LabelMaker labels_;
  Diagram diagram_;
  std::map<const void*, int> box_of_;
  std::set<std::pair<int, std::pair<int, int>>> joined_;
};

}  // namespace

Diagram make_diagram(const Model& model, const utils::ModelToDotOptions& options) {
  require<ValueError>(model.impl().built(), "model_to_dot",
                      "This model has not yet been built. Build the model first by calling build() or by calling the "
                      "model on a batch of data.");
  return DiagramMaker(options).run(model.impl());
}

}  // namespace kerata::plot
