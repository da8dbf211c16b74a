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

std::vector<std::string> names_in_file(const std::vector<Variable>& weights,
                                       const std::map<std::string, Tensor>& arrays) {
  const bool by_position = arrays.size() == weights.size() && !arrays.empty() && arrays.contains(positional(0)) &&
                           arrays.contains(positional(arrays.size() - 1));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < weights.size(); ++i) names.push_back(by_position ? positional(i) : weights[i].path());
  return names;
}

}  // namespace

bool is_flat(const std::string& path) { return is_npz(path) || path.ends_with(".safetensors"); }

void save_flat(const ModelLayer& model, const std::string& path) {
  std::map<std::string, Tensor> arrays;
  std::vector<VariableCell*> cells;
  for (const Variable& weight : model.weights()) {
    cells.push_back(weight.cell());
    const bool is_new = arrays.emplace(weight.path(), weight.cell()->tensor).second;
    require<ValueError>(is_new, "Model.save_weights", "Two weights have the path '", weight.path(),
                        "', so that a file of arrays by name cannot hold both. Hint: .weights.h5 can.");
  }
  const ReadGuard guard(cells, "Model.save_weights");
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
    failures.guard(plan, "'" + weights[i].path() + "'", [&] {
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
