#include "models/functional_graph.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/require.h"
#include "layers/input_layer.h"
#include "models/model_state.h"

namespace kerata::models {

std::vector<Tensor> tensors_into(const Node& node) {
  std::vector<Tensor> order;
  auto take = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      if (node.inputs[i].is_symbolic()) order.push_back(node.inputs[i]);
  };
  const std::size_t count = node.inputs.size();
  if (!node.composite) {
    take(0, count);
    return order;
  }
  take(0, node.call.num_inputs);
  take(count - node.call.num_states, count);
  take(node.call.num_inputs, count - node.call.num_states);
  return order;
}

Config form_of(const Tensors& tensors) {
  if (!tensors.names().empty()) {
    Config::Object by_name;
    for (std::size_t i = 0; i < tensors.size(); ++i) by_name.emplace_back(tensors.names()[i], tensor_leaf(i));
    return by_name;
  }
  if (tensors.size() == 1) return tensor_leaf(0);
  Config::List list;
  for (std::size_t i = 0; i < tensors.size(); ++i) list.push_back(tensor_leaf(i));
  return list;
}

namespace {

/// Indices of the leaves in the order of Keras's tree.flatten: objects by their sorted keys.
void flatten(const Config& form, std::vector<std::size_t>& order) {
  std::size_t index = 0;
  if (is_tensor_leaf(form, index)) {
    order.push_back(index);
  } else if (form.is_list()) {
    for (const Config& element : form.as_list()) flatten(element, order);
  } else if (form.is_object()) {
    std::map<std::string_view, const Config*> sorted;
    for (const auto& [key, value] : form.as_object()) sorted.emplace(key, &value);
    for (const auto& [key, value] : sorted) flatten(*value, order);
  }
}

}  // namespace

namespace {

const std::vector<std::size_t>* output_order(const LayerBase* layer) {
  const auto* model = dynamic_cast<const ModelLayer*>(layer);
  return model && model->model_state().graph ? &model->model_state().graph->output_order() : nullptr;
}

}  // namespace

int keras_output(const LayerBase* layer, int output) {
  const std::vector<std::size_t>* order = output_order(layer);
  if (!order) return output;
  const auto found = std::find(order->begin(), order->end(), static_cast<std::size_t>(output));
  return found == order->end() ? output : static_cast<int>(found - order->begin());
}

int output_of_keras(const LayerBase* layer, int output) {
  const std::vector<std::size_t>* order = output_order(layer);
  const bool is_known = order && static_cast<std::size_t>(output) < order->size();
  return is_known ? static_cast<int>((*order)[static_cast<std::size_t>(output)]) : output;
}

/// A port of keras.src.ops.function.map_graph, whose order summaries and files show.
struct FunctionalGraph::Builder {
  explicit Builder(FunctionalGraph& graph) : graph_(graph) {}

  void run() {
    for (const Tensor& x : graph_.inputs_) inputs_.insert(x.node());
    flatten(graph_.output_form_, graph_.output_order_);
    for (std::size_t i : graph_.output_order_) walk(graph_.outputs_[i].node_ptr());
    find_depths();
    for (const Tensor& x : graph_.inputs_) add_unused_input(x.node_ptr());
    order_operations();
    find_shape();
  }

 private:
  using Key = const void*;
  static Key key_of(const Node& node) {
    if (const OpCall* call = op_call_of(node)) return call->op().get();
    return node.composite ? static_cast<Key>(node.composite.get()) : &node;
  }

  // Depth first; an iterative form, since a model may have ten thousand layers in a row.
  void walk(const std::shared_ptr<Node>& output) {
    struct Frame {
      std::shared_ptr<Node> node;
      std::vector<Tensor> parents;
      std::size_t next = 0;
    };
    std::vector<Frame> stack;
    auto enter = [&](const std::shared_ptr<Node>& node) {
      if (!seen_.insert(node.get()).second) return;
      check_leaf(*node);
      visit_order_.emplace(key_of(*node), visit_order_.size());
      stack.push_back({node, tensors_into(*node)});
    };
    enter(output);
    while (!stack.empty()) {
      if (stack.back().next < stack.back().parents.size()) {
        const std::shared_ptr<Node> parent = stack.back().parents[stack.back().next++].node_ptr();
        enter(parent);
        continue;
      }
      finished_.push_back(stack.back().node);
      stack.pop_back();
    }
  }

  void check_leaf(const Node& node) const {
    if (node.op || node.composite) return;
    require<ValueError>(node.is_input && inputs_.contains(&node), "Model", "Graph disconnected: an output depends on ",
                        node.is_input ? "the input" : "a tensor", node.name.empty() ? "" : " '" + node.name + "'",
                        " of shape ", node.outputs[0].type.shape,
                        ", which is not among the inputs. Hint: add it to the model's inputs.");
  }

  void find_depths() {
    for (auto node = finished_.rbegin(); node != finished_.rend(); ++node) {
      const Key key = key_of(**node);
      const std::size_t depth = std::max(depth_of_node_[node->get()], depth_of_[key]);
      depth_of_[key] = depth;
      depth_of_node_[node->get()] = depth;
      for (const Tensor& x : tensors_into(**node)) {
        std::size_t& parent = depth_of_node_[x.node()];
        parent = std::max(parent, depth + 1);
      }
    }
  }

  void add_unused_input(const std::shared_ptr<Node>& node) {
    if (depth_of_.contains(node.get())) return;
    depth_of_[node.get()] = 0;
    depth_of_node_[node.get()] = 0;
    unused_.insert(node.get());
    finished_.push_back(node);
  }

  void order_operations() {
    std::unordered_map<Key, Operation> by_key;
    std::vector<Key> keys;
    std::vector<std::shared_ptr<Node>> nodes = finished_;
    std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
    for (const auto& node : nodes) {
      const Key key = key_of(*node);
      Operation& operation = by_key[key];
      if (operation.nodes.empty()) keys.push_back(key);
      operation.nodes.push_back(node);
      if (const OpCall* call = op_call_of(*node))
        operation.op = call->op();
      else if (node->composite)
        operation.layer = std::static_pointer_cast<LayerBase>(std::const_pointer_cast<Composite>(node->composite));
      else if (node->is_input)
        operation.layer = input_layer_of(Tensor(node));
    }
    auto rank = [&](Key key) -> std::int64_t {
      const auto found = visit_order_.find(key);
      return unused_.contains(key) || found == visit_order_.end() ? -1 : static_cast<std::int64_t>(found->second);
    };
    std::stable_sort(keys.begin(), keys.end(), [&](Key a, Key b) {
      const std::size_t da = depth_of_.at(a), db = depth_of_.at(b);
      return da != db ? da > db : rank(a) < rank(b);
    });
    for (Key key : keys) graph_.operations_.push_back(std::move(by_key.at(key)));
    for (std::size_t i = 0; i < graph_.operations_.size(); ++i)
      for (const auto& node : graph_.operations_[i].nodes) graph_.operation_at_.emplace_back(node.get(), i);
    std::sort(graph_.operation_at_.begin(), graph_.operation_at_.end());
  }

  void find_shape() {
    std::map<std::size_t, std::size_t> at_depth;
    for (const auto& node : finished_) {
      if (++at_depth[depth_of_node_.at(node.get())] > 1 || tensors_into(*node).size() > 1)
        graph_.is_sequential_ = false;
    }
    for (const Operation& operation : graph_.operations_)
      if (operation.nodes.size() > 1) graph_.is_sequential_ = false;
  }

  FunctionalGraph& graph_;
  std::unordered_set<const Node*> inputs_, seen_;
  std::unordered_set<Key> unused_;
  std::vector<std::shared_ptr<Node>> finished_;
  std::unordered_map<Key, std::size_t> visit_order_, depth_of_;
  std::unordered_map<const Node*, std::size_t> depth_of_node_;
};

FunctionalGraph::FunctionalGraph(std::vector<Tensor> inputs, std::vector<Tensor> outputs, Config input_form,
                                 Config output_form)
    : inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      input_form_(std::move(input_form)),
      output_form_(std::move(output_form)) {
  require<ValueError>(!inputs_.empty(), "Model", "A model needs at least one input.");
  require<ValueError>(!outputs_.empty(), "Model", "A model needs at least one output.");
  std::unordered_set<const Node*> seen;
  for (const Tensor& x : inputs_) {
    require<ValueError>(input_layer_of(x) != nullptr, "Model", "All inputs must be made by Input(). Received ",
                        x.is_empty()      ? "an empty tensor"
                        : x.is_symbolic() ? "the output of a layer"
                                          : "a tensor with data",
                        ". Hint: Tensor x = Input({...}).");
    require<ValueError>(seen.insert(x.node()).second, "Model", "The input ",
                        x.node()->name.empty() ? "of shape " + to_string(x.shape()) : "'" + x.node()->name + "'",
                        " stands twice in the list.");
  }
  for (const Tensor& x : outputs_)
    require<ValueError>(!x.is_empty() && x.is_symbolic(), "Model", "All outputs must be symbolic tensors. Received ",
                        x.is_empty() ? "an empty tensor." : "a tensor with data.");
  Builder(*this).run();
  name_operations(operations_);
}

bool FunctionalGraph::contains(const Node* node) const {
  const auto at = std::lower_bound(operation_at_.begin(), operation_at_.end(), std::pair(node, std::size_t{0}));
  return at != operation_at_.end() && at->first == node;
}

const Operation& FunctionalGraph::operation_of(const Node* node) const {
  return operations_[std::lower_bound(operation_at_.begin(), operation_at_.end(), std::pair(node, std::size_t{0}))
                         ->second];
}

bool FunctionalGraph::outputs_are_named() const {
  std::size_t index = 0;
  return output_form_.is_object() && !is_tensor_leaf(output_form_, index) &&
         output_form_.as_object().size() == outputs_.size();
}

std::vector<std::string> FunctionalGraph::output_names() const {
  std::vector<std::string> names;
  if (outputs_are_named()) {
    for (const auto& [key, value] : output_form_.as_object()) names.push_back(key);
    return names;
  }
  for (const Tensor& x : outputs_) names.push_back(operation_of(x.node()).name());
  return names;
}

std::vector<std::string> FunctionalGraph::input_names() const {
  std::vector<std::string> names;
  for (const Tensor& x : inputs_) names.push_back(x.node()->name);
  return names;
}

}  // namespace kerata::models
