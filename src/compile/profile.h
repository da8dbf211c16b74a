// Time per kernel, for KERATA_PROFILE=1.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "compile/work.h"

namespace kerata {

/// Whether KERATA_PROFILE is set to something but 0 (read once).
bool profiling();
/// Adds one kernel call to the table.
void record_time(const std::string& label, std::chrono::nanoseconds time, const Work& work);

}  // namespace kerata
