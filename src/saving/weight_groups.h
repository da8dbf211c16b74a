// Where Keras's files hold the variables of each part of a model.
#pragma once

#include <string>
#include <vector>

#include "models/model_state.h"

namespace kerata::saving {

/// What one layer, model or optimizer keeps in a file: arrays "0", "1", ... in the group `path`/vars.
struct WeightGroup {
  std::string path;                  // "" (the model itself), "layers/dense_1", "layers/lstm/cell", "optimizer"
  std::vector<std::string> others;   // paths under which the walk meets the layer again; files may hold it there
  std::string name;                  // of the layer: an attribute of the group
  std::string object;                // in messages: "<Dense name=dense, built=True>"
  const LayerBase* layer = nullptr;  // null: the optimizer
  std::vector<Variable> variables;

  std::string arrays() const { return path.empty() ? "vars" : path + "/vars"; }
};

/// The groups of a model in the order in which Keras writes them (saving_lib.py): the model, the layers of its graph by
/// class and number, the parts of other layers by name; a layer that is met twice stands under its first path. Layers
/// of `skip`, with all inside of them, are left out.
std::vector<WeightGroup> weight_groups(const ModelLayer& model, const std::vector<AnyLayer>& skip = {});
/// The groups of a compiled model's optimizer: all of its variables, and once more those of an optimizer within.
std::vector<WeightGroup> optimizer_groups(const Optimizer& optimizer);
/// The optimizer of a model, or null before compile().
Optimizer* optimizer_of(const ModelLayer& model);

/// "a/b"; either part may be empty.
std::string joined_path(const std::string& a, const std::string& b);

}  // namespace kerata::saving
