#include "training/place.h"

#include <mutex>

#include "graph/placement.h"
#include "graph/variable_guard.h"

namespace kerata::training {

Device device_of(const ModelLayer& model) {
  const std::optional<Device>& device = model.model_state().device;
  return device ? *device : Device::default_device();
}

void place(std::span<const Variable> variables, Device device, std::string_view where) {
  static std::mutex moving;  // models in several threads may share variables that neither has moved yet
  const std::lock_guard lock(moving);
  std::vector<VariableCell*> cells;
  for (const Variable& variable : variables)
    if (output_of(variable.cell()->tensor).device() != device) cells.push_back(variable.cell());
  if (cells.empty()) return;
  const WriteGuard guard(cells, where);
  for (VariableCell* cell : cells) move_variable(*cell, device);
}

}  // namespace kerata::training
