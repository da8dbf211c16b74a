// Writing a functional model as Keras's Functional.get_config() does.
#include <unordered_map>

#include "core/object_config.h"
#include "core/require.h"
#include "models/graph_config.h"
#include "models/op_table.h"

namespace kerata::models {

Config fill_form(const Config& form, const FillLeaf& leaf) {
  std::size_t index = 0;
  if (is_tensor_leaf(form, index)) return leaf(index, form.find("class_name")->as_text());
  if (form.is_list()) {
    Config::List list;
    for (const Config& element : form.as_list()) list.push_back(fill_form(element, leaf));
    return list;
  }
  if (form.is_object()) {
    Config::Object object;
    for (const auto& [key, value] : form.as_object()) object.emplace_back(key, fill_form(value, leaf));
    return object;
  }
  return form;
}

namespace {

Config sizes_config(const Shape& shape) {
  Config::List sizes;
  for (Dim size : shape) size < 0 ? sizes.emplace_back() : sizes.emplace_back(size);
  return sizes;
}

/// Nested lists of `x`'s elements from `at` on.
Config elements(const std::vector<double>& values, const Tensor& x, Dim axis, std::size_t& at) {
  if (axis == x.rank()) {
    const double value = values[at++];
    if (x.dtype() == DType::boolean) return value != 0;
    return is_floating(x.dtype()) ? Config(value) : Config(static_cast<std::int64_t>(value));
  }
  Config::List list;
  for (Dim i = 0; i < x.shape()[axis]; ++i) list.push_back(elements(values, x, axis + 1, at));
  return list;
}

Config constant_config(const Tensor& x, const std::string& kind) {
  std::size_t at = 0;
  const Config fields = Config::Object{{"value", elements(x.to_vector<double>(), x, 0, at)},
                                       {"dtype", std::string(to_string(x.dtype()))}};
  return Config::Object{{"class_name", kind}, {"config", fields}};
}

class Writer {
 public:
  explicit Writer(const FunctionalGraph& graph) : graph_(graph) {
    for (const Operation& operation : graph.operations())
      for (std::size_t i = 0; i < operation.nodes.size(); ++i)
        places_.emplace(operation.nodes[i].get(), Place{&operation, static_cast<Dim>(i)});
  }

  Config layers() const {
    Config::List layers;
    for (const Operation& operation : graph_.operations()) {
      Config entry = operation.layer ? serialize_any(*operation.layer) : op_config(operation);
      entry.set("name", operation.name());
      Config::List calls;
      for (const auto& node : operation.nodes)
        if (!node->inputs.empty()) calls.push_back(call_config(operation, *node));
      entry.set("inbound_nodes", Config(std::move(calls)));
      layers.push_back(std::move(entry));
    }
    return layers;
  }

  /// Where the tensors of a model's inputs or outputs stand. A functional model inside counts its own graph as a call.
  Config ends(const Config& form, const std::vector<Tensor>& tensors) const {
    return fill_form(form, [&](std::size_t i, const std::string&) -> Config {
      const Place& place = places_.at(tensors[i].node());
      const LayerBase* layer = place.operation->layer.get();
      const auto* model = dynamic_cast<const ModelLayer*>(layer);
      const Dim own = model && is_functional(*model) && !model->model_state().is_sequential ? 1 : 0;
      return Config(Config::List{place.operation->name(), place.call + own, keras_output(layer, tensors[i].index())});
    });
  }

 private:
  struct Place {
    const Operation* operation;
    Dim call;
  };

  Config tensor_config(const Tensor& x) const {
    const Place& place = places_.at(x.node());
    const Config fields =
        Config::Object{{"shape", sizes_config(x.shape())},
                       {"dtype", std::string(to_string(x.dtype()))},
                       {"keras_history", Config(Config::List{place.operation->name(), place.call,
                                                             keras_output(place.operation->layer.get(), x.index())})}};
    return Config::Object{{"class_name", "__keras_tensor__"}, {"config", fields}};
  }

  Config filled(const Config& form, const Node& node) const {
    return fill_form(form, [&](std::size_t index, const std::string& kind) {
      const Tensor& x = node.inputs.at(index);
      return x.is_symbolic() ? tensor_config(x) : constant_config(x, kind);
    });
  }

  static Config op_config(const Operation& operation) {
    if (operation.op)
      return object_config(operation.op->row->module, operation.op->row->class_name, operation.op->config,
                           operation.op->row->class_name);
    const OpWriting writing = write_op(*operation.nodes[0], operation.op_name);
    Config options(Config::Object{{"name", operation.op_name}});
    for (const auto& [key, value] : writing.options.as_object()) options.set(key, value);
    return object_config(writing.row.module, writing.row.class_name, std::move(options), writing.row.class_name);
  }

  Config call_config(const Operation& operation, const Node& node) const {
    if (operation.layer)
      return layer_call_config(*operation.layer, node, [this](const Tensor& x) {
        return x.is_symbolic() ? tensor_config(x) : constant_config(x, "__tensor__");
      });
    if (const OpCall* call = op_call_of(node))
      return Config::Object{{"args", filled(call->args(), node)}, {"kwargs", filled(call->kwargs(), node)}};
    const OpWriting writing = write_op(node, operation.op_name);
    return Config::Object{{"args", filled(Config(writing.args), node)}, {"kwargs", filled(writing.kwargs, node)}};
  }

  const FunctionalGraph& graph_;
  std::unordered_map<const Node*, Place> places_;
};

}  // namespace

Config functional_config(const ModelLayer& model) {
  const FunctionalGraph& graph = *model.model_state().graph;
  const Writer writer(graph);
  return Config::Object{{"name", display_name(model)},
                        {"trainable", model.trainable()},
                        {"layers", writer.layers()},
                        {"input_layers", writer.ends(graph.input_form(), graph.inputs())},
                        {"output_layers", writer.ends(graph.output_form(), graph.outputs())}};
}

}  // namespace kerata::models
