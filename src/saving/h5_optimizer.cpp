// The optimizer's state in old .h5 files. Keras 3 lists it in the order of its variables. Keras 2 and tf-keras have
// other orders and names, no learning rate, and slots that we lack (SGD's without momentum), so there the names decide:
// "Adam/m/dense/kernel:0", "training/Adam/dense/kernel/m:0", "training/Adam/m_0:0", or nothing but
// "training/Adam/Variable_3:0".
#include <algorithm>
#include <array>
#include <unordered_map>

#include "core/require.h"
#include "core/warning.h"
#include "optimizers/optimizer_access.h"
#include "saving/h5_file.h"

namespace kerata::saving {
namespace {

// What the files call a slot, and what we and Keras 3 do.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kKinds{{
    {"m", "momentum"},
    {"v", "velocity"},
    {"vhat", "velocity_hat"},
    {"rms", "velocity"},
    {"mg", "average_gradient"},
    {"momentum", "momentum"},
    {"velocity", "velocity"},
    {"average_gradient", "average_gradient"},
    {"average", "average"},
    {"moment", "momentum"},
    {"accumulator", "velocity"},
    {"accum", "velocity"},
}};

std::string kind_of_part(std::string part) {
  if (const std::size_t colon = part.find(':'); colon != std::string::npos) part.resize(colon);
  if (const std::size_t number = part.rfind('_'); number != std::string::npos && number + 1 < part.size() &&
                                                  part.find_first_not_of("0123456789", number + 1) == std::string::npos)
    part.resize(number);
  for (const auto& [from, to] : kKinds)
    if (part == from) return std::string(to);
  return {};
}

// The last part of the name if it is a kind, else the first that is one; "" when none is.
std::string kind_of(const std::string& name) {
  const std::size_t last = name.rfind('/');
  if (const std::string kind = kind_of_part(name.substr(last + 1)); !kind.empty()) return kind;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (const std::string kind = kind_of_part(name.substr(begin, end - begin)); !kind.empty()) return kind;
    begin = end + 1;
  }
  return {};
}

bool is_scalar(const WeightReader& reader, const std::string& array) { return reader.info(array).shape.rank() == 0; }

/// The slots of one kind, one per trained variable.
struct Slots {
  std::string kind;
  std::vector<Variable> variables;
};

// In the order in which Keras makes them: all kinds of a variable, or one kind after the other, as the optimizer does.
std::vector<Slots> slots_of(const Optimizer& optimizer) {
  const OptimizerAccess::State& state = OptimizerAccess::state(OptimizerAccess::innermost(optimizer));
  std::vector<Slots> all;
  auto of_kind = [&](const std::string& kind) -> Slots& {
    for (Slots& slots : all)
      if (slots.kind == kind) return slots;
    return all.emplace_back(Slots{kind, {}});
  };
  if (!state.averages.empty()) of_kind("average").variables = state.averages;
  std::unordered_map<const VariableCell*, std::string> kinds;
  for (const auto& [key, slot] : state.slot_of) kinds[slot.cell()] = key.second;
  for (const Variable& slot : state.slots) of_kind(kinds.at(slot.cell())).variables.push_back(slot);
  return all;
}

void plan_old(const H5File& file, const Optimizer& optimizer, bool has_slots, WeightPlan& plan) {
  const std::string group = "optimizer_weights/";
  std::vector<std::string> arrays, kinds;
  bool named = true;
  for (const std::string& name : file.optimizer_names()) {
    const std::string array = group + name;
    if (is_scalar(plan.reader(), array)) {
      if (name.find("iter") != std::string::npos)
        plan.add(OptimizerAccess::state(OptimizerAccess::innermost(optimizer)).iterations, array);
      continue;
    }
    arrays.push_back(array);
    kinds.push_back(kind_of(name));
    named = named && !kinds.back().empty();
  }
  if (!has_slots) return;
  std::size_t next_unnamed = 0;
  for (const Slots& slots : slots_of(optimizer)) {
    std::vector<std::string> of_kind;
    for (std::size_t i = 0; named && i < arrays.size(); ++i)
      if (kinds[i] == slots.kind) of_kind.push_back(arrays[i]);
    for (; !named && of_kind.size() < slots.variables.size() && next_unnamed < arrays.size(); ++next_unnamed)
      of_kind.push_back(arrays[next_unnamed]);
    require<ValueError>(of_kind.size() == slots.variables.size(), file.path(), "Expected ", slots.variables.size(),
                        " arrays \"", slots.kind, "\", found ", of_kind.size(), '.');
    for (std::size_t i = 0; i < of_kind.size(); ++i) plan.add(slots.variables[i], of_kind[i]);
  }
}

void plan_in_order(const H5File& file, const Optimizer& optimizer, bool has_slots, WeightPlan& plan) {
  const std::vector<std::string> names = file.optimizer_names();
  std::vector<Variable> variables = optimizer.variables();
  if (!has_slots && names.size() != variables.size()) variables = OptimizerAccess::early_variables(optimizer);
  require<ValueError>(names.size() == variables.size(), file.path(), "The optimizer has ", variables.size(),
                      " variables whereas the saved optimizer has ", names.size(), '.');
  for (std::size_t i = 0; i < names.size(); ++i) plan.add(variables[i], "optimizer_weights/" + names[i]);
}

}  // namespace

void plan_h5_optimizer(const H5File& file, Model& model, WeightPlan& plan) {
  const Optimizer& optimizer = *optimizer_of(model.impl());
  if (!file.has_optimizer()) return clear_slots(optimizer);
  const std::vector<std::string> names = file.optimizer_names();
  const bool has_slots = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return !is_scalar(plan.reader(), "optimizer_weights/" + name);
  });
  if (!has_slots) clear_slots(optimizer);  // saved before its first step
  const std::size_t before = plan.size();
  try {
    file.is_keras3() ? plan_in_order(file, optimizer, has_slots, plan) : plan_old(file, optimizer, has_slots, plan);
  } catch (const ValueError& error) {
    // As in Keras: the model is what matters.
    plan.shrink(before);
    clear_slots(optimizer);
    print_warning(
        join_text("Error in loading the saved optimizer state. As a result, your model is starting with a freshly "
                  "initialized optimizer. ",
                  error.what()));
  }
}

}  // namespace kerata::saving
