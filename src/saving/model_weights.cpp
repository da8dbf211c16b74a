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
    for (WeightGroup& group : optimizer_groups(*optimizer)) groups.push_back(std::move(group));
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

/// How many arrays a file holds for the optimizer, and whether the second one is the learning rate, which tf-keras
/// leaves out.
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

/// Those of `variables` that such a file holds.
std::vector<Variable> saved_ones(const Optimizer& optimizer, std::vector<Variable> variables,
                                 const SavedOptimizer& saved) {
  const VariableCell* rate = OptimizerAccess::state(optimizer).rate.cell();
  if (!saved.has_rate) std::erase_if(variables, [&](const Variable& v) { return v.cell() == rate; });
  return variables;
}

void plan_variables(const Optimizer& optimizer, const std::vector<Variable>& variables, WeightPlan& plan,
                    Failures& failures) {
  failures.guard(plan, "optimizer '" + optimizer.name() + "'", [&] {
    for (std::size_t i = 0; i < variables.size(); ++i) plan.add(variables[i], "optimizer/vars/" + std::to_string(i));
  });
}

}  // namespace

void plan_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures) {
  const Optimizer* optimizer = optimizer_of(model);
  if (!optimizer) return;
  const SavedOptimizer saved = saved_optimizer(plan.reader());
  if (saved.count == 0) return;
  const std::vector<Variable> variables = saved_ones(*optimizer, optimizer->variables(), saved);
  // tf-keras keeps slots for SGD without momentum: only the iteration matters.
  const bool only_iteration = !saved.has_rate && variables.size() == 1;
  if (saved.count == variables.size() || only_iteration) return plan_variables(*optimizer, variables, plan, failures);
  print_warning(join_text("Skipping variable loading for optimizer '", optimizer->name(), "', because it has ",
                          variables.size(), " variables whereas the saved optimizer has ", saved.count, " variables.",
                          OptimizerAccess::state(*optimizer).built
                              ? ""
                              : " This is likely because the optimizer has not been called/built yet."));
}

void plan_new_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures) {
  const Optimizer* optimizer = optimizer_of(model);
  if (!optimizer) return;
  const std::size_t before = plan.size();
  const SavedOptimizer saved = saved_optimizer(plan.reader());
  const std::vector<Variable> all = saved_ones(*optimizer, optimizer->variables(), saved),
                              early = saved_ones(*optimizer, OptimizerAccess::early_variables(*optimizer), saved);
  // Saved before its first step: then the counter and the rate are all there is.
  if (early.size() < all.size() && saved.count > 0 && saved.count == early.size())
    plan_variables(*optimizer, early, plan, failures);
  else
    plan_optimizer(model, plan, failures);
  if (plan.size() - before < all.size()) clear_slots(*optimizer);
}

void clear_slots(const Optimizer& optimizer) {
  for (const Variable& slot : OptimizerAccess::slots(optimizer)) {
    const NodeOutput& content = output_of(slot.cell()->tensor);
    zero_bytes(content.device(), content.data(), bytes_of(content.type));
  }
}

}  // namespace kerata::saving
