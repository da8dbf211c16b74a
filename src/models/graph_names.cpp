// Names within a model: class names in snake_case, numbered per class in the order of the calls.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "core/require.h"
#include "kerata/models/model_layer.h"
#include "models/functional_graph.h"
#include "models/model_state.h"
#include "models/op_table.h"

namespace kerata::models {

std::string keras_op_class(const Node& node) {
  if (const OpRow* row = find_op_row(node)) return std::string(row->class_name);
  std::string result;
  bool upper = true;
  for (char c : node.op->name) {
    if (c != '_') result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return result;
}

namespace {

/// Something that may get a numbered name: when it was first called, and how it gets the name.
struct Nameless {
  std::uint64_t first_node = 0;
  std::string prefix;
  LayerBase* layer = nullptr;  // or a raw op:
  std::string* op_name = nullptr;
};

std::uint64_t first_call_of(const LayerBase& layer) {
  std::uint64_t first = UINT64_MAX;
  for (const std::weak_ptr<Node>& call : layer.state().calls)
    if (const std::shared_ptr<Node> node = call.lock()) first = std::min(first, node->id);
  return first;
}

/// Layers of models inside count for the numbers, as they do in one session of Keras.
void collect_inside(const LayerBase& model, std::vector<std::pair<std::uint64_t, std::string>>& inside) {
  if (!model.state().is_model) return;
  for (const LayerPart& part : model.state().parts) {
    const LayerBase& layer = *part.layer.ptr();
    if (!layer.state().name_given) inside.emplace_back(first_call_of(layer), snake_case(plain_class_name(layer)));
    collect_inside(layer, inside);
  }
}

void give_names(std::vector<Nameless> nameless, std::set<std::string> taken,
                const std::vector<std::pair<std::uint64_t, std::string>>& inside) {
  std::stable_sort(nameless.begin(), nameless.end(),
                   [](const Nameless& a, const Nameless& b) { return a.first_node < b.first_node; });
  std::map<std::string, std::size_t> given;
  for (const Nameless& one : nameless) {
    std::size_t number = given[one.prefix];
    for (const auto& [first_node, prefix] : inside) number += prefix == one.prefix && first_node < one.first_node;
    std::string name;
    do {
      name = number == 0 ? one.prefix : one.prefix + "_" + std::to_string(number);
      ++number;
    } while (taken.contains(name));
    ++given[one.prefix];
    taken.insert(name);
    if (one.layer)
      set_auto_name(*one.layer, name);
    else
      *one.op_name = name;
  }
}

/// A name that the user gave twice is an error; one that two models numbered alike is numbered again.
bool keeps_name(const LayerBase& layer, std::set<std::string>& taken, const std::vector<const LayerBase*>& all) {
  const LayerBase::State& state = layer.state();
  if (state.name.empty()) return false;
  if (taken.insert(state.name).second) return true;
  if (!state.name_given) return false;
  const auto count = std::count_if(all.begin(), all.end(), [&](const LayerBase* other) {
    return other->state().name_given && other->state().name == state.name;
  });
  require<ValueError>(count < 2, "Model", "The name \"", state.name, "\" is used ", count,
                      " times in the model. All operation names should be unique.");
  return true;
}

std::set<std::string> taken_names(const std::vector<LayerBase*>& layers, std::vector<LayerBase*>& nameless) {
  std::set<std::string> taken;
  std::vector<const LayerBase*> all(layers.begin(), layers.end());
  for (bool given : {true, false})  // the user's names first: numbered ones give way
    for (LayerBase* layer : layers)
      if (layer->state().name_given == given && !keeps_name(*layer, taken, all)) nameless.push_back(layer);
  return taken;
}

}  // namespace

void name_operations(std::vector<Operation>& operations) {
  std::vector<LayerBase*> layers, without_name;
  std::vector<std::pair<std::uint64_t, std::string>> inside;
  std::map<const LayerBase*, std::uint64_t> first;
  for (Operation& operation : operations) {
    if (!operation.layer) continue;
    layers.push_back(operation.layer.get());
    first[operation.layer.get()] = operation.nodes[0]->id;
    collect_inside(*operation.layer, inside);
  }
  std::set<std::string> taken = taken_names(layers, without_name);
  std::vector<Nameless> nameless;
  for (LayerBase* layer : without_name)
    nameless.push_back({first.at(layer), snake_case(plain_class_name(*layer)), layer, nullptr});
  for (Operation& operation : operations) {
    if (operation.layer) continue;
    operation.op_class =
        operation.op ? std::string(operation.op->row->class_name) : keras_op_class(*operation.nodes[0]);
    if (operation.op && !operation.op->name.empty() && taken.insert(operation.op->name).second)
      operation.op_name = operation.op->name;
    else
      nameless.push_back({operation.nodes[0]->id, snake_case(operation.op_class), nullptr, &operation.op_name});
  }
  give_names(std::move(nameless), taken, inside);
}

void name_parts(LayerBase& model) {
  std::vector<LayerBase*> layers, without_name;
  std::vector<std::pair<std::uint64_t, std::string>> inside;
  for (const LayerPart& part : model.state().parts) layers.push_back(part.layer.ptr().get());
  const std::set<std::string> taken = taken_names(layers, without_name);
  std::vector<Nameless> nameless;
  for (LayerBase* layer : layers)  // in their own order
    if (std::find(without_name.begin(), without_name.end(), layer) != without_name.end())
      nameless.push_back({0, snake_case(plain_class_name(*layer)), layer, nullptr});
  give_names(std::move(nameless), taken, inside);
}

std::string default_model_name(const LayerBase& model) {
  std::vector<std::pair<std::uint64_t, std::string>> inside;
  collect_inside(model, inside);
  const std::string prefix = snake_case(plain_class_name(model));
  const auto count =
      std::count_if(inside.begin(), inside.end(), [&](const auto& part) { return part.second == prefix; });
  return count == 0 ? prefix : prefix + "_" + std::to_string(count);
}

}  // namespace kerata::models
