// One training run of real Keras, repeated: model, compile and fit from the golden file.
#pragma once

#include "kerata/models/model.h"
#include "kerata/training/callbacks.h"
#include "support/golden.h"

namespace kerata::test {

/// The model with its initial weights, compiled.
Model prepare(const golden::File& file, const golden::Json& run);
/// fit()'s arguments of the run, without callbacks.
FitOptions fit_options(const golden::File& file, const golden::Json& run);
/// Trains and compares History, the logs of the first epoch's batches, weights, optimizer, predict and evaluate.
void check_run(const golden::File& file, const golden::Json& run, const std::vector<AnyCallback>& callbacks = {});

}  // namespace kerata::test
