#include "compile/graph.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "core/require.h"

namespace kerata {
namespace {

class Flattener {
 public:
  Graph run(const TracedFunction& function) {
    for (const Tensor& x : function.inputs) graph_.inputs.push_back(add_leaf(x));
    graph_.random_state = add_leaf(function.random_state);
    graph_.num_carries = function.num_carries;
    std::vector<Tensor> roots = function.outputs;
    for (const auto& [variable, value] : function.updates) roots.push_back(value);
    for (const auto& node : reachable(roots)) visit(*node);
    for (const Tensor& x : function.outputs) graph_.outputs.push_back(id_of(x));
    for (const auto& [variable, value] : function.updates) graph_.assigns.push_back({variable, id_of(value)});
    return std::move(graph_);
  }

 private:
  int add_leaf(const Tensor& x) { return first_id_[x.node()] = graph_.add_value(type_of(x)); }
  int id_of(const Tensor& x) const { return first_id_.at(x.node()) + x.index(); }

  void visit(const Node& node) {
    if (first_id_.contains(&node)) return;
    if (!node.op || (node.outputs[0].has_data() && !node.is_variable)) return visit_leaf(node);
    Instr instr{node.op, node.attrs, {}, {}, node.layer};
    for (const Tensor& x : node.inputs) instr.in.push_back(id_of(x));
    first_id_[&node] = static_cast<int>(graph_.values.size());
    for (const NodeOutput& output : node.outputs) instr.out.push_back(graph_.add_value(output.type));
    graph_.code.push_back(std::move(instr));
  }

  void visit_leaf(const Node& node) {
    require<StateError>(node.outputs[0].has_data(), "compile", "Graph disconnected: the result depends on an input '",
                        node.name, "' of shape ", node.outputs[0].type.shape, " that is not given.");
    first_id_[&node] = static_cast<int>(graph_.values.size());
    for (const NodeOutput& output : node.outputs) {
      const int id = graph_.add_value(output.type);
      if (node.is_variable)
        graph_.variables.emplace(id, Variable(node.variable.lock()));
      else
        graph_.constants.emplace(id, on_buffer(output.type, output.buffer, output.offset));
    }
  }

  Graph graph_;
  std::unordered_map<const Node*, int> first_id_;
};

void append_value(std::string& text, const Graph& graph, int id) {
  text += join_text('%', id);
  if (const auto v = graph.variables.find(id); v != graph.variables.end()) text += join_text(':', v->second.path());
}

void append_list(std::string& text, const Graph& graph, const std::vector<int>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i) text += ", ";
    append_value(text, graph, ids[i]);
  }
}

}  // namespace

Graph flatten(const TracedFunction& function) { return Flattener().run(function); }

std::string to_string(const Graph& graph) {
  std::string text = "inputs ";
  append_list(text, graph, graph.inputs);
  for (const auto& [id, value] : graph.constants) {
    text +=
        "\n%" + std::to_string(id) + " constant " +
        join_text(graph.values[static_cast<std::size_t>(id)].dtype, graph.values[static_cast<std::size_t>(id)].shape);
    if (value.size() == 1) text += join_text(" ", value.item());
  }
  for (const Instr& instr : graph.code) {
    text += '\n';
    for (std::size_t i = 0; i < instr.out.size(); ++i) {
      const ValueType& type = graph.values[static_cast<std::size_t>(instr.out[i])];
      text += join_text(i ? ", %" : "%", instr.out[i], ' ', type.dtype, type.shape);
    }
    text += join_text(" = ", instr.op->name, '(');
    append_list(text, graph, instr.in);
    if (const std::string attrs = instr.attrs.text(); !attrs.empty()) text += "; " + attrs;
    text += ')';
  }
  for (const Assign& assign : graph.assigns) text += join_text('\n', assign.variable.path(), " := %", assign.value);
  text += "\noutputs ";
  append_list(text, graph, graph.outputs);
  return text + '\n';
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.values.size());
  auto use = [&](int id) { ++uses[static_cast<std::size_t>(id)]; };
  for (const Instr& instr : graph.code) std::for_each(instr.in.begin(), instr.in.end(), use);
  std::for_each(graph.outputs.begin(), graph.outputs.end(), use);
  for (const Assign& assign : graph.assigns) use(assign.value);
  return uses;
}

std::vector<int> find_producers(const Graph& graph) {
  std::vector<int> producers(graph.values.size(), -1);
  for (std::size_t i = 0; i < graph.code.size(); ++i)
    for (int id : graph.code[i].out) producers[static_cast<std::size_t>(id)] = static_cast<int>(i);
  return producers;
}

void substitute(Graph& graph, const std::vector<int>& replacement) {
  auto swap = [&](int& id) { id = replacement[static_cast<std::size_t>(id)]; };
  for (Instr& instr : graph.code) std::for_each(instr.in.begin(), instr.in.end(), swap);
  std::for_each(graph.outputs.begin(), graph.outputs.end(), swap);
  for (Assign& assign : graph.assigns) swap(assign.value);
}

}  // namespace kerata
