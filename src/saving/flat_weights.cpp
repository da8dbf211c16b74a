#include "saving/flat_weights.h"

#include <unordered_set>

#include "core/require.h"
#include "core/warning.h"
#include "graph/variable_guard.h"
#include "saving/npz_file.h"
#include "saving/safetensors.h"

namespace kerata::saving {
namespace {

constexpr std::string_view kWhere = "Model.load_weights";

bool is_npz(const std::string& path) { return path.ends_with(".npz"); }

std::string positional(std::size_t index) { return "arr_" + std::to_string(index); }

/// The paths of the weights; the layers of nested models may have equal ones, and get a number in order.
std::vector<std::string> unique_paths(const std::vector<Variable>& weights) {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  for (const Variable& weight : weights) {
    const std::string path = weight.path();
    std::string name = path;
    for (int number = 1; !taken.insert(name).second; ++number) name = path + "_" + std::to_string(number);
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> names_in_file(const std::vector<Variable>& weights,
                                       const std::map<std::string, Tensor>& arrays) {
  const bool by_position = arrays.size() == weights.size() && !arrays.empty() && arrays.contains(positional(0)) &&
                           arrays.contains(positional(arrays.size() - 1));
  if (!by_position) return unique_paths(weights);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < weights.size(); ++i) names.push_back(positional(i));
  return names;
}

}  // namespace

bool is_flat(const std::string& path) { return is_npz(path) || path.ends_with(".safetensors"); }

void save_flat(const ModelLayer& model, const std::string& path) {
  const std::vector<Variable> weights = model.weights();
  const std::vector<std::string> names = unique_paths(weights);
  std::map<std::string, Tensor> arrays;
  std::vector<VariableCell*> cells;
  for (const Variable& variable : weights) cells.push_back(variable.cell());
  const ReadGuard guard(cells, "Model.save_weights");
  for (std::size_t i = 0; i < weights.size(); ++i) arrays.emplace(names[i], on_host(cells[i]->tensor));
  is_npz(path) ? save_npz(path, arrays) : save_safetensors(path, arrays);
}

void load_flat(const ModelLayer& model, const std::string& path, const LoadWeightsOptions& options) {
  std::map<std::string, Tensor> arrays = is_npz(path) ? load_npz(path) : load_safetensors(path);
  const std::vector<Variable> weights = model.weights();
  const std::vector<std::string> names = names_in_file(weights, arrays);
  std::unordered_set<const VariableCell*> skipped;
  for (const AnyLayer& layer : options.objects_to_skip)
    for (const Variable& weight : layer.weights()) skipped.insert(weight.cell());

  const std::unique_ptr<WeightReader> reader = weights_in_memory(arrays, path);
  WeightPlan plan(*reader);
  Failures failures(options.skip_mismatch);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool found = arrays.erase(names[i]) > 0;
    if (skipped.contains(weights[i].cell())) continue;
    failures.guard(plan, join_text('\'', weights[i].path(), '\''), [&] {
      require<ValueError>(found, path, "The file has no array '", names[i], "'.");
      plan.add(weights[i], names[i]);
    });
  }
  for (const auto& entry : arrays)
    failures.add("'" + entry.first + "'", join_text('[', path, "] The model has no weight '", entry.first, "'."));
  failures.report(kWhere);
  plan.load(kWhere);
}

}  // namespace kerata::saving
