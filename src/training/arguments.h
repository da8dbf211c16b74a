// The arguments of fit, evaluate and predict: checked, and made into data sets.
#pragma once

#include "training/trainer_state.h"

namespace kerata::training {

/// Columns for a step: inputs, targets and weights, all checked. Builds the model and makes the plans if need be.
DataSet step_data(CompiledModel& compiled, ModelLayer& model, const Tensors& x, const Tensors& y,
                  const Tensors& sample_weight, std::string_view where);
/// Makes the weights if there are none yet, for inputs like these.
void ensure_built(ModelLayer& model, const Tensors& x, std::string_view where);
/// The cells of variables, for the guards.
std::vector<VariableCell*> cells_of(const std::vector<Variable>& variables);

void check_fit_options(const FitOptions& options);
void check_batch_size(Dim batch_size, std::string_view where);
/// How many samples remain for training. Throws ValueError when one part would be empty.
Dim split_at(Dim samples, double validation_split);

}  // namespace kerata::training
