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

/// Whether `current` is better than `reference` by more than |min_delta|.
bool improves(double current, double reference, bool larger_is_better, double min_delta);

/// "loss,mae"
std::string names_of(const Logs& logs);

}  // namespace kerata::training
