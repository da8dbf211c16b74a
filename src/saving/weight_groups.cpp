#include "saving/weight_groups.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/require.h"
#include "optimizers/optimizer_access.h"

namespace kerata::saving {
namespace {

constexpr std::size_t kMostPaths = 4;  // shared parts of shared parts would double them again and again

// A class of the user's own has the name it was registered under: "Gated" of "my_package>Gated".
std::string python_class_name(const LayerBase& layer) {
  const std::string name = layer.class_name();
  const std::size_t package = name.find('>');
  return package == std::string::npos ? name : name.substr(package + 1);
}

std::string object_text(const LayerBase& layer) {
  return join_text('<', python_class_name(layer), " name=", display_name(layer),
                   ", built=", layer.built() ? "True" : "False", '>');
}

/// A part and the name under which its owner's walk meets it.
struct Child {
  std::string name;
  const LayerBase* layer;
};

// The elements of a list are called by class and number.
void add_list(const std::string& list, const std::vector<AnyLayer>& layers, std::vector<Child>& children) {
  std::map<std::string, int> used;
  for (const AnyLayer& layer : layers) {
    std::string name = snake_case(python_class_name(*layer.ptr()));
    const int number = used[name]++;
    if (number > 0) name += join_text('_', number);
    children.push_back({list + "/" + name, layer.ptr().get()});
  }
}

// Python's attributes in order of their names, private ones last.
std::string sort_key(const std::string& attribute) { return attribute.starts_with('_') ? "~" + attribute : attribute; }

std::vector<Child> children_of(const LayerBase& layer) {
  std::vector<Child> children;
  const auto* model = dynamic_cast<const ModelLayer*>(&layer);
  if (model && !model->model_state().is_subclassed) {
    add_list("layers", models::layers_of(*model), children);
    return children;
  }
  std::vector<LayerPart> parts = layer.state().parts;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const LayerPart& a, const LayerPart& b) { return sort_key(a.name) < sort_key(b.name); });
  bool listed = model == nullptr;  // a model has its parts once more in its attribute "layers"
  for (const LayerPart& part : parts) {
    if (!listed && sort_key(part.name) > "layers")
      add_list("layers", models::layers_of(*model), children), listed = true;
    children.push_back({part.name, part.layer.ptr().get()});
  }
  if (!listed) add_list("layers", models::layers_of(*model), children);
  return children;
}

class Walk {
 public:
  explicit Walk(const std::vector<AnyLayer>& skip) {
    for (const AnyLayer& layer : skip) skipped_.insert(layer.ptr().get());
  }

  void visit(const LayerBase& layer, const std::string& path) {
    if (skipped_.contains(&layer)) return;
    const auto [slot, is_first] = first_group_.try_emplace(&layer, groups_.size());
    if (is_first)
      add(layer, path);
    else if (!add_path(slot->second, layer, path))
      return;
    for (const Child& child : children_of(layer)) visit(*child.layer, joined_path(path, child.name));
  }

  std::vector<WeightGroup> groups() && { return std::move(groups_); }

 private:
  void add(const LayerBase& layer, const std::string& path) {
    const LayerBase::State& state = layer.state();
    groups_.push_back({path, {}, display_name(layer), object_text(layer), &layer, {}});
    const std::size_t own = groups_.size() - 1;
    for (const auto* weights : {&state.trainable_weights, &state.other_weights})
      for (const WeightEntry& weight : *weights) group_of(weight, own, path).variables.push_back(weight.variable);
  }

  // The layer's own group, or the one of what Keras has as a part of it.
  WeightGroup& group_of(const WeightEntry& weight, std::size_t own, const std::string& path) {
    if (weight.group.empty()) return groups_[own];
    const std::string inner = joined_path(path, weight.group);
    for (std::size_t i = own; i < groups_.size(); ++i)
      if (groups_[i].path == inner) return groups_[i];
    const std::string name = weight.local_path.substr(0, weight.local_path.rfind('/'));
    groups_.push_back({inner, {}, name, groups_[own].object, groups_[own].layer, {}});
    return groups_.back();
  }

  bool add_path(std::size_t at, const LayerBase& layer, const std::string& path) {
    const std::string first = groups_[at].path;
    if (groups_[at].others.size() + 1 >= kMostPaths) return false;
    for (; at < groups_.size() && groups_[at].layer == &layer; ++at)
      groups_[at].others.push_back(path + groups_[at].path.substr(first.size()));
    return true;
  }

  std::unordered_set<const LayerBase*> skipped_;
  std::unordered_map<const LayerBase*, std::size_t> first_group_;
  std::vector<WeightGroup> groups_;
};

}  // namespace

std::string joined_path(const std::string& a, const std::string& b) {
  return a.empty() ? b : b.empty() ? a : a + "/" + b;
}

std::vector<WeightGroup> weight_groups(const ModelLayer& model, const std::vector<AnyLayer>& skip) {
  Walk walk(skip);
  walk.visit(model, "");
  return std::move(walk).groups();
}

Optimizer* optimizer_of(const ModelLayer& model) {
  const auto& options = model.model_state().compile_options;
  return options ? options->optimizer.object().get() : nullptr;
}

std::vector<WeightGroup> optimizer_groups(const Optimizer& optimizer) {
  auto group_of = [](const Optimizer& one, const std::string& path) -> WeightGroup {
    return {path, {}, one.name(), "optimizer '" + one.name() + "'", nullptr, one.variables()};
  };
  std::vector<WeightGroup> groups{group_of(optimizer, "optimizer")};
  if (const auto& inner = OptimizerAccess::state(optimizer).inner)
    groups.push_back(group_of(*inner, "optimizer/inner_optimizer"));
  return groups;
}

}  // namespace kerata::saving
