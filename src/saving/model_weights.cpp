#include "saving/model_weights.h"

#include <cstring>

#include "core/require.h"
#include "core/warning.h"
#include "graph/variable_guard.h"
#include "optimizers/optimizer_access.h"
#include "saving/tensor_bytes.h"

namespace kerata::saving {

void write_weights(const ModelLayer& model, WeightWriter& writer, bool with_optimizer) {
  std::vector<WeightGroup> groups = weight_groups(model);
  if (const Optimizer* optimizer = optimizer_of(model); optimizer && with_optimizer)
    groups.push_back(optimizer_group(*optimizer));
  std::vector<VariableCell*> cells;
  for (const WeightGroup& group : groups)
    for (const Variable& variable : group.variables) cells.push_back(variable.cell());
  const ReadGuard guard(cells, "Model.save");
  for (const WeightGroup& group : groups) {
    writer.begin(group.arrays(), group.name);
    for (const Variable& variable : group.variables) writer.add(variable.cell()->tensor);
  }
}

void Failures::add(const std::string& object, const std::string& message) {
  if (objects_.empty()) example_ = message;
  objects_.push_back(object);
}

void Failures::report(std::string_view where) const {
  if (objects_.empty()) return;
  std::string list;
  for (const std::string& object : objects_) list += (list.empty() ? "" : ", ") + object;
  const std::string text =
      join_text("A total of ", objects_.size(), " objects could not be loaded. Example error message for object ",
                objects_[0], ":\n\n", example_, "\n\nList of objects that could not be loaded:\n[", list, ']');
  require<ValueError>(skip_, where, text);
  print_warning(text);
}

void plan_weights(const ModelLayer& model, const std::vector<AnyLayer>& skip, WeightPlan& plan, Failures& failures) {
  for (const WeightGroup& group : weight_groups(model, skip))
    failures.guard(plan, group.object, [&] { plan.add(group); });
}

namespace {

/// How many arrays a file holds for the optimizer, and whether the second one is the learning rate.
struct SavedOptimizer {
  std::size_t count = 0;
  bool has_rate = false;
};

SavedOptimizer saved_optimizer(const WeightReader& reader) {
  const std::string group = "optimizer/vars";
  SavedOptimizer saved{reader.arrays(group).size(), false};
  saved.has_rate = saved.count >= 2 && reader.info(group + "/1").shape.rank() == 0;
  return saved;
}

/// Then it was built, though its kind may have no slots that would tell.
bool has_stepped(const WeightReader& reader) {
  const std::string iteration = "optimizer/vars/0";
  if (reader.info(iteration).shape.rank() != 0) return false;
  std::int64_t steps = 0;
  reader.read_into(iteration, DType::int64, &steps);
  return steps > 0;
}

}  // namespace

void plan_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures) {
  const Optimizer* optimizer = optimizer_of(model);
  if (!optimizer) return;
  const SavedOptimizer saved = saved_optimizer(plan.reader());
  if (saved.count == 0) return;
  WeightGroup group = optimizer_group(*optimizer, saved.has_rate);
  // tf-keras keeps slots for SGD without momentum: only the iteration matters.
  const bool only_iteration = !saved.has_rate && group.variables.size() == 1;
  if (saved.count == group.variables.size() || only_iteration)
    return failures.guard(plan, group.object, [&] {
      for (std::size_t i = 0; i < group.variables.size(); ++i)
        plan.add(group.variables[i], group.arrays() + "/" + std::to_string(i));
    });
  print_warning(join_text("Skipping variable loading for optimizer '", group.name, "', because it has ",
                          group.variables.size(), " variables whereas the saved optimizer has ", saved.count,
                          " variables.",
                          OptimizerAccess::state(*optimizer).built
                              ? ""
                              : " This is likely because the optimizer has not been called/built yet."));
}

void build_optimizer_for(Model& model, const WeightReader& reader) {
  Optimizer* optimizer = optimizer_of(model.impl());
  if (!optimizer || !model.built()) return;
  const SavedOptimizer saved = saved_optimizer(reader);
  const std::size_t count = optimizer_group(*optimizer, saved.has_rate).variables.size();
  if (saved.count < count || (saved.count == count && !has_stepped(reader))) return;
  const std::size_t scalars = optimizer->variables().size();
  optimizer->build(model.trainable_weights());
  if (optimizer_group(*optimizer, saved.has_rate).variables.size() == saved.count) return;
  std::vector<Variable> slots = optimizer->variables();
  slots.erase(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(scalars));
  clear(slots);
}

void clear(const std::vector<Variable>& variables) {
  for (const Variable& variable : variables) {
    const Tensor& content = variable.cell()->tensor;
    std::memset(mutable_data<std::byte>(content), 0, bytes_of(type_of(content)));
  }
}

}  // namespace kerata::saving
