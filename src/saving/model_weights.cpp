#include "saving/model_weights.h"

#include "core/require.h"
#include "core/warning.h"
#include "files/atomic_file.h"
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
    for (const Variable& variable : group.variables) writer.add(on_host(variable.cell()->tensor));
  }
}

void save_weights_file(const ModelLayer& model, const std::string& path, const std::optional<Note>& note) {
  files::AtomicFile file(path);
  const auto writer = create_weights(file.path(), note);
  write_weights(model, *writer, true);
  writer->close();
  file.commit();
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

/// The first `count` variables of the group.
void plan_group(const WeightGroup& group, std::size_t count, WeightPlan& plan, Failures& failures) {
  failures.guard(plan, group.object, [&] {
    for (std::size_t i = 0; i < count; ++i) plan.add(group.variables[i], group.arrays() + "/" + std::to_string(i));
  });
}

}  // namespace

void plan_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures) {
  const Optimizer* optimizer = optimizer_of(model);
  if (!optimizer) return;
  const SavedOptimizer saved = saved_optimizer(plan.reader());
  if (saved.count == 0) return;
  const WeightGroup group = optimizer_group(*optimizer, saved.has_rate);
  // tf-keras keeps slots for SGD without momentum: only the iteration matters.
  const bool only_iteration = !saved.has_rate && group.variables.size() == 1;
  if (saved.count == group.variables.size() || only_iteration)
    return plan_group(group, group.variables.size(), plan, failures);
  print_warning(join_text("Skipping variable loading for optimizer '", group.name, "', because it has ",
                          group.variables.size(), " variables whereas the saved optimizer has ", saved.count,
                          " variables.",
                          OptimizerAccess::state(*optimizer).built
                              ? ""
                              : " This is likely because the optimizer has not been called/built yet."));
}

void plan_new_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures) {
  const Optimizer* optimizer = optimizer_of(model);
  if (!optimizer) return;
  const std::size_t before = plan.size();
  const std::size_t slots = optimizer->variables().size() - OptimizerAccess::num_scalars(*optimizer);
  const SavedOptimizer saved = saved_optimizer(plan.reader());
  const WeightGroup group = optimizer_group(*optimizer, saved.has_rate);
  // Saved before its first step: then the counter and the rate are all there is.
  if (slots > 0 && saved.count > 0 && saved.count == group.variables.size() - slots)
    plan_group(group, saved.count, plan, failures);
  else
    plan_optimizer(model, plan, failures);
  if (plan.size() - before < group.variables.size()) clear_slots(*optimizer);
}

void clear_slots(const Optimizer& optimizer) {
  const std::vector<Variable> variables = optimizer.variables();
  for (std::size_t i = OptimizerAccess::num_scalars(optimizer); i < variables.size(); ++i) {
    const NodeOutput& content = output_of(variables[i].cell()->tensor);
    zero_bytes(content.device(), content.data(), bytes_of(content.type));
  }
}

}  // namespace kerata::saving
