// What callbacks that watch a figure have in common.
#pragma once

#include <string>
#include <string_view>

#include "kerata/core/choice.h"
#include "kerata/models/model.h"

namespace kerata::training {

/// Whether larger values are better. Throws ValueError naming `where` when the mode is auto and nobody can tell.
bool larger_is_better(const Choice<MonitorMode>& mode, const std::string& monitor, const Model& model,
                      std::string_view where);

}  // namespace kerata::training
