#include "saving/h5_file.h"

#include <unordered_map>
#include <unordered_set>

#include "core/require.h"
#include "core/warning.h"
#include "saving/json.h"

namespace kerata::saving {
namespace {

const std::string kTopLevel = "top_level_model_weights";

std::string order_text(std::size_t index, const LayerBase& layer) {
  return join_text("layer #", index, " (named ", display_name(layer), ')');
}

void plan_arrays(const std::vector<Variable>& weights, const std::vector<std::string>& arrays, const std::string& what,
                 bool skip_mismatch, WeightPlan& plan) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Shape saved = plan.reader().info(arrays[i]).shape, expected = weights[i].shape();
    if (saved == expected) {
      plan.add(weights[i], arrays[i]);
      continue;
    }
    const std::string detail = join_text("for weight ", weights[i].path(), ". Weight expects shape ", expected,
                                         ". Received saved weight with shape ", saved);
    require<ValueError>(skip_mismatch, plan.reader().label(), "Shape mismatch in ", what, ' ', detail, '.');
    print_warning(join_text("Skipping loading weights for ", what, " due to mismatch in shape ", detail, '.'));
  }
}

}  // namespace

std::vector<Variable> old_order(const LayerBase& layer) {
  std::vector<Variable> weights = layer.trainable_weights();
  for (const Variable& weight : layer.non_trainable_weights()) weights.push_back(weight);
  return weights;
}

std::vector<Variable> own_weights(const ModelLayer& model) {
  std::vector<Variable> weights;
  for (const auto* list : {&model.state().trainable_weights, &model.state().other_weights})
    for (const WeightEntry& weight : *list) weights.push_back(weight.variable);
  return weights;
}

bool is_h5(const std::string& path) { return path.ends_with(".h5") || path.ends_with(".hdf5"); }

H5File::H5File(const std::string& path)
    : path_(path),
      file_(std::make_shared<const Hdf5Reader>(Hdf5Source{path, 0, 0, {}})),
      weights_(weights_in(file_, path)) {
  if (texts("", "layer_names").empty() && file_->has_group("model_weights")) root_ = "model_weights";
}

std::optional<Config> H5File::json(const std::string& attribute) const {
  const std::optional<std::string> text = file_->text_attribute("", attribute);
  if (!text) return std::nullopt;
  return parse_json(*text, path_ + " (" + attribute + ")");
}

bool H5File::is_keras3() const {
  const std::optional<std::string> version = file_->text_attribute("", "keras_version");
  return version && version->starts_with("3.");
}

std::vector<std::string> H5File::optimizer_names() const { return texts("optimizer_weights", "weight_names"); }

std::vector<std::string> H5File::texts(const std::string& group, const std::string& attribute) const {
  return file_->texts_attribute(group, attribute).value_or(std::vector<std::string>{});
}

H5File::SavedLayer H5File::saved_layer(const std::string& name) const {
  const std::string group = joined_path(root_, name);
  SavedLayer layer{name, {}};
  for (const std::string& array : texts(group, "weight_names")) layer.arrays.push_back(group + "/" + array);
  return layer;
}

std::vector<H5File::SavedLayer> H5File::saved_layers() const {
  std::vector<SavedLayer> layers;
  for (const std::string& name : texts(root_, "layer_names")) {
    require<ValueError>(file_->has_group(joined_path(root_, name)), path_, "The file lists the layer '", name,
                        "', but has no group for it.");
    layers.push_back(saved_layer(name));
  }
  return layers;
}

void H5File::plan(const ModelLayer& model, bool by_name, bool skip_mismatch, WeightPlan& to) const {
  by_name ? plan_by_name(model, skip_mismatch, to) : plan_by_order(model, skip_mismatch, to);
  if (!file_->has_group(joined_path(root_, kTopLevel))) return;
  const std::vector<Variable> own = own_weights(model);
  const std::vector<std::string> arrays = saved_layer(kTopLevel).arrays;
  if (arrays.size() == own.size()) return plan_arrays(own, arrays, "top-level model", skip_mismatch, to);
  const std::string counts = join_text("Model expects ", own.size(), " top-level weight(s). Received ", arrays.size(),
                                       " saved top-level weight(s)");
  require<ValueError>(by_name && skip_mismatch, path_,
                      "Weight count mismatch for top-level weights when loading weights from file. ", counts, '.');
  print_warning("Skipping loading top-level weights for model due to mismatch in number of weights. " + counts + ".");
}

void H5File::plan_by_order(const ModelLayer& model, bool skip_mismatch, WeightPlan& to) const {
  std::vector<AnyLayer> layers;
  for (const AnyLayer& layer : models::layers_of(model))
    if (!layer.weights().empty()) layers.push_back(layer);
  std::vector<SavedLayer> saved;
  for (SavedLayer& layer : saved_layers())
    if (!layer.arrays.empty()) saved.push_back(std::move(layer));
  require<ValueError>(saved.size() == layers.size(), path_,
                      "Layer count mismatch when loading weights from file. Model expected ", layers.size(),
                      " layers, found ", saved.size(), " saved layers.");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerBase& layer = *layers[i].ptr();
    const std::vector<Variable> weights = old_order(layer);
    require<ValueError>(weights.size() == saved[i].arrays.size(), path_, "Weight count mismatch for layer #", i,
                        " (named ", display_name(layer), " in the current model, ", saved[i].name,
                        " in the save file). Layer expects ", weights.size(), " weight(s). Received ",
                        saved[i].arrays.size(), " saved weight(s).");
    plan_arrays(weights, saved[i].arrays, order_text(i, layer), skip_mismatch, to);
  }
}

void H5File::plan_by_name(const ModelLayer& model, bool skip_mismatch, WeightPlan& to) const {
  std::unordered_multimap<std::string, AnyLayer> index;
  for (const AnyLayer& layer : models::layers_of(model)) index.emplace(display_name(*layer.ptr()), layer);
  const std::vector<SavedLayer> saved = saved_layers();
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const auto [begin, end] = index.equal_range(saved[i].name);
    for (auto entry = begin; entry != end; ++entry) {
      const LayerBase& layer = *entry->second.ptr();
      const std::vector<Variable> weights = old_order(layer);
      if (weights.size() == saved[i].arrays.size()) {
        plan_arrays(weights, saved[i].arrays, order_text(i, layer), skip_mismatch, to);
        continue;
      }
      const std::string counts = join_text("Layer expects ", weights.size(), " weight(s). Received ",
                                           saved[i].arrays.size(), " saved weight(s)");
      require<ValueError>(skip_mismatch, path_, "Weight count mismatch for ", order_text(i, layer), ". ", counts, '.');
      print_warning(join_text("Skipping loading of weights for ", order_text(i, layer),
                              " due to mismatch in number of weights. ", counts, '.'));
    }
  }
}

bool H5File::names_fit(const ModelLayer& model) const {
  std::unordered_set<std::string> names;
  for (const std::string& name : texts(root_, "layer_names")) names.insert(name);
  for (const AnyLayer& layer : models::layers_of(model))
    if (!layer.weights().empty() && !names.contains(display_name(*layer.ptr()))) return false;
  return true;
}

}  // namespace kerata::saving
