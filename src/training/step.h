// One training or test step: the same code traced for the compiled program and run eagerly.
#pragma once

#include "training/trainer_state.h"

namespace kerata::training {

/// Which columns of a DataSet are there, for the traced function.
struct Layout {
  std::size_t inputs = 0, targets = 0, weights = 0;
  std::vector<int> target_of, weight_of;
  explicit Layout(const DataSet& data);
  Layout() = default;
  /// Splits tensors in the order of the columns.
  Batch batch(const std::vector<Tensor>& columns) const;
  std::vector<int> key(bool training) const;
};

/// What train_step() and test_step() work with.
class StepRunner final : public StepContext::Trainer {
 public:
  StepRunner(CompiledModel& compiled, const ModelLayer& model, const Layout& layout, bool training)
      : compiled_(compiled), model_(model), layout_(layout), training_(training) {}
  /// Calls the model's step on one batch in the open scope and gives its logs.
  Tensors run(const Batch& batch);
  void apply_gradients(const Tensors& gradients, const std::vector<Variable>& variables) override;
  Tensors update_metrics(const Batch& batch, const Tensors& y_pred, const Tensor& loss) override;
  Tensor compute_loss(const Batch& batch, const Tensors& y_pred) override;
  Tensor scale_loss(const Tensor& loss) override { return compiled_.optimizer->scale_loss(loss); }

 private:
  Tensor target(const Batch& batch, std::size_t output) const;
  Tensor weight(const Batch& batch, std::size_t output) const;
  CompiledModel& compiled_;
  const ModelLayer& model_;
  const Layout& layout_;
  bool training_;
};

/// The step on batches of `count` as a graph; `own_logs` gets the names of its outputs when they are not the metrics.
TracedFunction trace_step(CompiledModel& compiled, const ModelLayer& model, const DataSet& data, Dim count,
                          bool training, std::vector<std::string>& own_logs);
/// The program for batches of `count` of these columns, traced at the first use.
ProgramPtr step_program(CompiledModel& compiled, const ModelLayer& model, const DataSet& data, Dim count,
                        bool training);
/// Whether the logs of a step are the model's own metrics, which are read from their variables.
bool are_model_logs(const CompiledModel& compiled, const Tensors& logs);
/// The program that reads all metrics: one float64 scalar per log name.
const ExecutablePtr& results_program(CompiledModel& compiled);

}  // namespace kerata::training
