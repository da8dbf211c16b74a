// The loop of evaluate(), also run within fit().
#pragma once

#include "training/batch_runner.h"

namespace kerata::training {

/// Resets the metrics and runs over the data once, at most `steps` batches (-1: all); nobody hears of it.
void run_steps(BatchRunner& runner, const std::vector<Variable>& metric_variables, Dim steps);
/// The same, heard by callbacks and bar; then throws for bad data that a GPU found.
void run_evaluation(BatchRunner& runner, const std::vector<Variable>& metric_variables, Dim steps,
                    CallbackList& callbacks, MetricLogs& logs, bool with_bar);

}  // namespace kerata::training
