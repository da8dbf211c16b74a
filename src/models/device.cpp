// Model::to, Model::device.
#include "graph/placement.h"
#include "graph/variable_guard.h"
#include "models/model_state.h"

namespace kerata {

void Model::to(Device device) {
  std::vector<Variable> moved = weights();
  const models::ModelState& state = impl().model_state();
  if (state.optimizer_variables)
    for (const Variable& variable : state.optimizer_variables()) moved.push_back(variable);
  std::vector<VariableCell*> cells;
  for (const Variable& variable : moved) cells.push_back(variable.cell());
  const WriteGuard guard(cells, "Model.to");
  for (VariableCell* cell : cells) move_variable(*cell, device);
  impl().model_state().device = device;
}

Device Model::device() const {
  const std::optional<Device>& device = impl().model_state().device;
  return device ? *device : Device::default_device();
}

}  // namespace kerata
