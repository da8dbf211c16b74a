// Model::train_on_batch and test_on_batch: one step; the metrics are those of this batch alone, as in Keras.
#include "core/require.h"
#include "graph/variable_guard.h"
#include "training/arguments.h"
#include "training/batch_runner.h"
#include "training/place.h"

namespace kerata {
namespace {

using namespace training;

Scores step_once(const Model& handle, const Tensors& x, const Tensors& y, const BatchStepOptions& options,
                 bool training, std::string_view where) {
  ModelLayer& model = handle.impl();
  CompiledModel& compiled = training::compiled(model, where);
  const std::shared_ptr<CompiledModel> keep = state_of(model).compiled;
  require<ValueError>(options.class_weight.empty() || options.sample_weight.empty(), where,
                      "You cannot give `class_weight` and `sample_weight` at the same time.");
  Tensors weight = options.sample_weight;
  if (!options.class_weight.empty()) {
    require<ValueError>(y.size() == 1, where,
                        "`class_weight` is only supported for Models with a single output. Received ", y.size(),
                        " targets.");
    weight = class_weights(y.list()[0], options.class_weight, where);
  }
  DataSet data = step_data(compiled, model, x, y, weight, where);
  const std::vector<Variable> metrics = compiled.metric_variables();
  std::vector<Variable> used = metrics;
  if (training) {
    compiled.optimizer->build(trainable_of(compiled, model));
    for (const Variable& v : handle.weights()) used.push_back(v);
    for (const Variable& v : compiled.optimizer->variables()) used.push_back(v);
  }
  const std::vector<VariableCell*> written = cells_of(used);
  place(used, device_of(model), where);
  place(handle.weights(), device_of(model), where);
  const WriteGuard write(written, where);
  settle_open_logs(compiled);
  MetricLogs logs(compiled);
  const Dim samples = data.samples;
  BatchRunner runner(compiled, model, std::move(data), samples, training, logs, where);
  runner.use_once();
  runner.prepare(1);
  const std::vector<VariableCell*> read = runner.cells_to_read();
  const ReadGuard guard(read, where);
  reset_metrics(metrics);
  runner.step(0);
  runner.check();
  logs.logs().renew();
  return logs.scores();
}

}  // namespace

Scores Model::train_on_batch(const Tensors& x, const Tensors& y, const BatchStepOptions& options) {
  return step_once(*this, x, y, options, true, "Model.train_on_batch");
}

Scores Model::test_on_batch(const Tensors& x, const Tensors& y, const BatchStepOptions& options) {
  return step_once(*this, x, y, options, false, "Model.test_on_batch");
}

}  // namespace kerata
