// The compiled forward pass of predict() and predictors.
#pragma once

#include "training/trainer_state.h"

namespace kerata::training {

/// The program for inputs of these types, traced at the first use. Safe from many threads: one traces, those that need
/// a program of this model that is not there yet wait; nobody waits for a program to run.
ProgramPtr forward_program(TrainerState& state, const ModelLayer& model, const std::vector<ValueType>& types);

}  // namespace kerata::training
