#include "saving/weight_plan.h"

#include <algorithm>

#include "core/require.h"
#include "graph/variable_content.h"
#include "graph/variable_guard.h"
#include "saving/tensor_bytes.h"

namespace kerata::saving {
namespace {

std::string names_of(const std::vector<Variable>& variables) {
  std::string text = "[";
  for (const Variable& variable : variables) text += (text.size() > 1 ? ", '" : "'") + variable.name() + "'";
  return text + "]";
}

std::string never_built(const std::string& layer, std::size_t count) {
  return join_text("Layer '", layer,
                   "' was never built and thus it doesn't have any variables. However the weights file "
                   "lists ",
                   count, " variables for this layer.");
}

}  // namespace

void WeightPlan::add(const Variable& variable, const std::string& array) {
  const Hdf5Reader::Info info = reader_.info(array);
  require<ValueError>(info.shape == variable.shape(), reader_.label(),
                      "The shape of the target variable and the shape of the target value must match. '",
                      variable.path(), "' has shape ", variable.shape(), ", received shape ", info.shape, " from '",
                      array, "'.");
  require<ValueError>(is_floating(info.dtype) == is_floating(variable.dtype()), reader_.label(), "'", variable.path(),
                      "' holds ", variable.dtype(), ", received ", info.dtype, " from '", array, "'.");
  items_.push_back({variable, array});
}

void WeightPlan::add_from(const WeightGroup& group, const std::string& path) {
  const std::string arrays = path.empty() ? "vars" : path + "/vars";
  const std::size_t found = reader_.arrays(arrays).size(), expected = group.variables.size();
  if (found != expected) {
    const std::string layer = group.layer ? display_name(*group.layer) : group.name;
    require<ValueError>(expected > 0 || (group.layer && group.layer->built()), reader_.label(),
                        never_built(layer, found));
    fail<ValueError>(reader_.label(), "Layer '", layer, "' expected ", expected, " variables, but received ", found,
                     " variables during loading. Expected: ", names_of(group.variables), " in '", arrays, "'.");
  }
  for (std::size_t i = 0; i < expected; ++i) add(group.variables[i], arrays + "/" + std::to_string(i));
}

void WeightPlan::add(const WeightGroup& group) {
  const std::size_t before = size();
  try {
    return add_from(group, group.path);
  } catch (const ValueError&) {
    shrink(before);
    for (const std::string& path : group.others) {
      try {
        return add_from(group, path);
      } catch (const ValueError&) {
        shrink(before);
      }
    }
    throw;  // the first error says most
  }
}

void WeightPlan::load(std::string_view where) const {
  std::vector<Tensor> values;
  for (const Item& item : items_) {
    values.push_back(concrete(type_of(item.variable.cell()->tensor)));
    reader_.read_into(item.array, item.variable.dtype(), mutable_data<std::byte>(values.back()));
  }
  std::vector<VariableCell*> cells;
  for (const Item& item : items_) cells.push_back(item.variable.cell());
  const WriteGuard guard(cells, where);
  for (std::size_t i = 0; i < items_.size(); ++i) overwrite(*cells[i], values[i]);
}

void WeightPlan::load_new() const {
  for (const Item& item : items_) {
    VariableCell& cell = *item.variable.cell();
    reader_.read_into(item.array, item.variable.dtype(), mutable_data<std::byte>(cell.tensor));
    cell.version.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace kerata::saving
