#include "training/evaluate.h"

#include "core/require.h"
#include "graph/variable_guard.h"
#include "training/arguments.h"
#include "training/place.h"

namespace kerata {
namespace training {

namespace {

Dim num_steps(const BatchRunner& runner, Dim steps) {
  return steps < 0 ? runner.num_batches() : std::min(steps, runner.num_batches());
}

}  // namespace

void run_steps(BatchRunner& runner, const std::vector<Variable>& metric_variables, Dim steps) {
  reset_metrics(metric_variables);
  for (Dim batch = 0; batch < num_steps(runner, steps); ++batch) runner.step(batch);
}

void run_evaluation(BatchRunner& runner, const std::vector<Variable>& metric_variables, Dim steps,
                    CallbackList& callbacks, MetricLogs& logs, bool with_bar) {
  callbacks.call([](Callback& callback) { callback.on_test_begin(); });
  if (with_bar) callbacks.start_bar();
  reset_metrics(metric_variables);
  const Dim batches = num_steps(runner, steps);
  const bool heard = callbacks.hears_batches();
  for (Dim batch = 0; batch < batches; ++batch) {
    const int number = static_cast<int>(batch);
    if (heard) callbacks.call([&](Callback& callback) { callback.on_test_batch_begin(number); });
    runner.step(batch);
    if (!heard) continue;
    logs.logs().renew();
    callbacks.call([&](Callback& callback) { callback.on_test_batch_end(number, logs.logs()); });
    if (with_bar) callbacks.step_bar(batch + 1, logs.logs());
  }
  runner.check();
  logs.logs().renew();
  callbacks.call([&](Callback& callback) { callback.on_test_end(logs.logs()); });
  if (with_bar) callbacks.finish_bar(logs.logs());
}

}  // namespace training

Scores Model::evaluate(const Tensors& x, const Tensors& y, const EvaluateOptions& options) {
  using namespace training;
  constexpr std::string_view where = "Model.evaluate";
  CompiledModel& model = training::compiled(impl(), where);
  const std::shared_ptr<CompiledModel> keep = state_of(impl()).compiled;
  check_batch_size(options.batch_size, where);
  require<ValueError>(options.steps == -1 || options.steps >= 1, where,
                      "steps must be at least 1, or -1 for all. Received ", options.steps, '.');
  const int verbose = checked_verbose(options.verbose, where);
  DataSet data = step_data(model, impl(), x, y, options.sample_weight, where);
  const std::vector<Variable> metrics = model.metric_variables();
  const std::vector<VariableCell*> written = cells_of(metrics);
  place(metrics, device_of(impl()), where);
  place(weights(), device_of(impl()), where);
  const WriteGuard write(written, where);
  settle_open_logs(model);
  MetricLogs logs(model);
  const OpenLogs open(model, logs);
  BatchRunner runner(model, impl(), std::move(data), options.batch_size, false, logs, where);
  const Dim steps = num_steps(runner, options.steps);
  runner.prepare(steps);
  const std::vector<VariableCell*> read = runner.cells_to_read();
  const ReadGuard guard(read, where);
  CallbackList callbacks(options.callbacks, *this, {verbose, 1, steps});
  run_evaluation(runner, metrics, steps, callbacks, logs, verbose > 0);
  return logs.scores();
}

}  // namespace kerata
