// Names of layers and paths of weights.
#include <cctype>
#include <typeindex>

#include "layers/layer_state.h"
#include "layers/registry.h"

namespace kerata {
namespace {

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string plain_class_name(const LayerBase& layer) {
  const std::string name = plain_class_name(typeid(layer));
  return layer.state().is_model && name == "Model" ? "Functional" : name;
}

std::string LayerBase::class_name() const {
  const std::string registered = registered_name(std::type_index(typeid(*this)));
  return registered.empty() ? plain_class_name(*this) : registered;
}

// Keras: (.)([A-Z][a-z]+) -> \1_\2, then ([a-z])([A-Z]) -> \1_\2, then lower case.
std::string snake_case(std::string_view class_name) {
  std::string first;
  for (std::size_t i = 0; i < class_name.size();) {
    std::size_t end = i + 1;
    while (end < class_name.size() && is_lower(class_name[end])) ++end;
    if (i > 0 && is_upper(class_name[i]) && end > i + 1) first += '_';
    const std::size_t stop = is_upper(class_name[i]) && end > i + 1 ? end : i + 1;
    first.append(class_name.substr(i, stop - i));
    i = stop;
  }
  std::string result;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (i > 0 && is_lower(first[i - 1]) && is_upper(first[i])) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(first[i])));
  }
  return result;
}

std::string display_name(const LayerBase& layer) {
  return layer.state().name.empty() ? snake_case(plain_class_name(layer)) : layer.state().name;
}

void assign_paths(LayerBase& layer, const std::string& path) {
  LayerBase::State& state = layer.state();
  state.path = path;
  for (auto* weights : {&state.trainable_weights, &state.other_weights})
    for (WeightEntry& weight : *weights) weight.variable.cell()->path = path + "/" + weight.local_path;
  if (state.is_model && !state.is_subclassed_model) return;  // the layers of a graph keep paths of their own
  for (const LayerPart& part : state.parts) {
    const std::string& name = part.layer.ptr()->state().name;
    assign_paths(*part.layer.ptr(), path + "/" + (name.empty() ? part.name : name));
  }
}

void set_auto_name(LayerBase& layer, const std::string& name) {
  layer.state().name = name;
  for (const std::weak_ptr<Node>& call : layer.state().calls)
    if (const std::shared_ptr<Node> node = call.lock(); node && node->is_input) node->name = name;
  assign_paths(layer, name);
}

}  // namespace kerata
