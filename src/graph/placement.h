// Where variables lie: moving them between devices.
#pragma once

#include "graph/node.h"

namespace kerata {

/// Moves the content to the device. Compiled programs notice by placement_version(). The caller holds the write guard.
void move_variable(VariableCell& cell, Device device);
/// Grows whenever any variable of the process gets another address.
std::uint64_t placement_version();

}  // namespace kerata
