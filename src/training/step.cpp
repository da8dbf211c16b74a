#include "training/step.h"

#include <algorithm>
#include <array>

#include "core/require.h"
#include "graph/scope.h"
#include "kerata/graph/gradients.h"
#include "metrics/metric_access.h"
#include "optimizers/optimizer_access.h"
#include "training/place.h"

namespace kerata {
namespace training {
namespace {

// total += value * n, count += n: Keras weights each batch by its size.
void track(const metrics::Mean& mean, const Tensor& value, Dim n) {
  const std::vector<Variable> state = mean.variables();
  const Tensor converted = value.dtype() == DType::float32 ? value : value.cast("float32");
  Scope::current()->update(state[0], state[0] + converted * n);
  Scope::current()->update(state[1], state[1] + n);
}

// What f gives; an error says which loss or metric it is from, and the shapes of targets, predictions and weights.
template <class F>
auto with_context(const char* what, const std::string& name, const std::array<Tensor, 3>& values, F f) {
  try {
    return f();
  } catch (Error& error) {
    std::string line = join_text("in the ", what, " \"", name, "\" called with targets ", values[0].shape(),
                                 " and predictions ", values[1].shape());
    if (!values[2].is_empty()) line += join_text(" and weights ", values[2].shape());
    error.add_context(line);
    throw;
  }
}

}  // namespace

Layout::Layout(const DataSet& data)
    : inputs(data.x.size()),
      targets(data.y.size()),
      weights(data.weight.size()),
      target_of(data.target_of),
      weight_of(data.weight_of) {}

Batch Layout::batch(const std::vector<Tensor>& columns) const {
  const auto first = columns.begin();
  auto cut = [&](std::size_t from, std::size_t count) {
    const auto begin = first + static_cast<std::ptrdiff_t>(from);
    return Tensors(std::vector<Tensor>(begin, begin + static_cast<std::ptrdiff_t>(count)));
  };
  return {cut(0, inputs), cut(inputs, targets), cut(inputs + targets, weights)};
}

std::vector<int> Layout::key(bool training) const {
  std::vector<int> all{training, static_cast<int>(inputs), static_cast<int>(targets), static_cast<int>(weights)};
  all.insert(all.end(), target_of.begin(), target_of.end());
  all.insert(all.end(), weight_of.begin(), weight_of.end());
  return all;
}

Tensors StepRunner::run(const Batch& batch) {
  const StepContext context(training_, *this);
  return training_ ? model_.train_step(batch, context) : model_.test_step(batch, context);
}

// `batch` may be one that the user's train_step made: then its targets stand in output order.
Tensor StepRunner::target(const Batch& batch, std::size_t output) const {
  if (!batch.y.names().empty() && compiled_.outputs.size() > 1) return batch.y[compiled_.outputs[output].name];
  const int place = batch.y.size() == layout_.targets ? layout_.target_of[output] : static_cast<int>(output);
  return place >= 0 && static_cast<std::size_t>(place) < batch.y.size() ? batch.y[place] : Tensor();
}

Tensor StepRunner::weight(const Batch& batch, std::size_t output) const {
  if (batch.sample_weight.empty()) return {};
  if (batch.sample_weight.size() == 1) return batch.sample_weight[0];
  const int place =
      batch.sample_weight.size() == layout_.weights ? layout_.weight_of[output] : static_cast<int>(output);
  return place >= 0 && static_cast<std::size_t>(place) < batch.sample_weight.size() ? batch.sample_weight[place]
                                                                                    : Tensor();
}

Tensor StepRunner::compute_loss(const Batch& batch, const Tensors& y_pred) {
  require<ValueError>(y_pred.size() == compiled_.outputs.size(), "compute_loss", "Expected ", compiled_.outputs.size(),
                      " predictions, received ", y_pred.size(), '.');
  Tensor total;
  auto add = [&](const Tensor& value) {
    if (total.is_empty())
      total = value;
    else
      total = total + (value.dtype() == total.dtype() ? value : value.cast(total.dtype()));
  };
  for (std::size_t i = 0; i < compiled_.outputs.size(); ++i) {
    const OutputPlan& output = compiled_.outputs[i];
    if (!output.loss) continue;
    const Tensor y = target(batch, i);
    require<ValueError>(!y.is_empty(), "compute_loss", "Output \"", output.name, "\" has a loss but no target.");
    const Tensor w = weight(batch, i);
    const Tensor value =
        with_context("loss", output.loss->name(), {y, y_pred[i], w}, [&] { return (*output.loss)(y, y_pred[i], w); });
    require<ShapeError>(value.rank() == 0, "compute_loss", "The loss \"", output.loss->name(),
                        "\" must be reduced to a scalar. Received ", value.shape(),
                        ". Hint: use a reduction other than \"none\".");
    if (output.tracker >= 0)
      track(*compiled_.output_losses[static_cast<std::size_t>(output.tracker)], value, y_pred[i].shape()[0]);
    add(output.weight == 1 ? value : value * output.weight);
  }
  for (const Tensor& penalty : regularization_losses(model_)) add(penalty);
  for (const Tensor& extra : Scope::current()->take_losses()) add(extra);
  require<ValueError>(!total.is_empty(), "compute_loss",
                      "No loss to compute. Provide a `loss` argument in `compile()`.");
  return total;
}

void StepRunner::apply_gradients(const Tensors& gradients, const std::vector<Variable>& variables) {
  compiled_.optimizer->apply(gradients, variables);
  for (const auto& [variable, constraint] : weight_constraints(model_)) {
    const VariableCell* cell = variable.cell();
    if (std::any_of(variables.begin(), variables.end(), [&](const Variable& v) { return v.cell() == cell; }))
      Scope::current()->update(variable, constraint->call(variable));
  }
}

Tensors StepRunner::update_metrics(const Batch& batch, const Tensors& y_pred, const Tensor& loss) {
  track(*compiled_.loss, loss, batch.x[0].shape()[0]);
  const CallContext context(training_, {}, {});
  for (const MetricPlan& plan : compiled_.metrics) {
    const Tensor y = target(batch, plan.output);
    require<ValueError>(!y.is_empty(), "Model.fit", "Output \"", compiled_.outputs[plan.output].name,
                        "\" has a metric but no target.");
    const Tensor w = plan.weighted ? weight(batch, plan.output) : Tensor();
    with_context("metric", plan.log_name, {y, y_pred[plan.output], w},
                 [&] { MetricAccess::update(*plan.metric, y, y_pred[plan.output], w, context); });
  }
  std::vector<Tensors::Named> logs;
  for (std::size_t i = 0; i < compiled_.logged.size(); ++i)
    logs.emplace_back(compiled_.log_names[i], MetricAccess::compute(*compiled_.logged[i]));
  return Tensors(std::move(logs));
}

bool are_model_logs(const CompiledModel& compiled, const Tensors& logs) {
  if (logs.empty()) return true;
  std::vector<std::string> own = logs.names(), known = compiled.log_names;
  std::sort(own.begin(), own.end());
  std::sort(known.begin(), known.end());
  return own == known;
}

TracedFunction trace_step(CompiledModel& compiled, const ModelLayer& model, const DataSet& data, Dim count,
                          bool training, std::vector<std::string>& own_logs) {
  const Layout layout(data);
  std::vector<ValueType> types;
  for (std::size_t i = 0; i < data.num_columns(); ++i) types.push_back(data.column(i).batch_type(count));
  if (training) compiled.optimizer->build(trainable_of(compiled, model));
  return trace(types, training, [&](const std::vector<Tensor>& columns, Scope&) -> std::vector<Tensor> {
    StepRunner runner(compiled, model, layout, training);
    const Tensors logs = runner.run(layout.batch(columns));
    if (are_model_logs(compiled, logs)) return {};
    require<ValueError>(!logs.names().empty(), "train_step",
                        "The logs need names. Expected {{\"loss\", loss}, ...} or what update_metrics() gives.");
    own_logs = logs.names();
    std::vector<Tensor> values;
    for (const Tensor& value : logs) values.push_back(value.cast("float64"));
    return values;
  });
}

ProgramPtr step_program(CompiledModel& compiled, const ModelLayer& model, const DataSet& data, Dim count,
                        bool training) {
  ProgramCache& cache = training ? compiled.train : compiled.test;
  ProgramCache::Key key;
  for (std::size_t i = 0; i < data.num_columns(); ++i) key.types.push_back(data.column(i).batch_type(count));
  key.layout = Layout(data).key(training);
  key.graph = model.model_state().graph.get();
  key.version = OptimizerAccess::version(*compiled.optimizer);
  key.device = device_of(model);
  const std::string_view where = training ? "Model.fit" : "Model.evaluate";
  if (ProgramPtr known = cache.find(key)) {
    if (!known->executable->is_placed())  // the states of layers are no weights
      place(known->executable->variables(), key.device, where);
    return known;
  }
  auto program = std::make_shared<Program>();
  program->executable =
      Executable::compile(trace_step(compiled, model, data, count, training, program->own_logs), {}, key.device);
  place(program->executable->variables(), key.device, where);
  cache.add(key, program);
  return program;
}

const ExecutablePtr& results_program(CompiledModel& compiled) {
  if (compiled.results && compiled.results->is_placed()) return compiled.results;
  const Device device = output_of(compiled.loss->variables()[0].cell()->tensor).device();
  const TracedFunction traced = trace({}, false, [&](const std::vector<Tensor>&, Scope&) {
    std::vector<Tensor> values;
    for (const auto& metric : compiled.logged) values.push_back(MetricAccess::compute(*metric).cast("float64"));
    return values;
  });
  compiled.results = Executable::compile(traced, {}, device);
  return compiled.results;
}

}  // namespace training

void StepContext::apply_gradients(const Tensors& gradients, const std::vector<Variable>& variables) const {
  trainer_->apply_gradients(gradients, variables);
}
Tensors StepContext::update_metrics(const Batch& batch, const Tensors& y_pred, const Tensor& loss) const {
  return trainer_->update_metrics(batch, y_pred, loss);
}
Tensor StepContext::compute_loss(const Batch& batch, const Tensors& y_pred) const {
  return trainer_->compute_loss(batch, y_pred);
}
Tensor StepContext::scale_loss(const Tensor& loss) const { return trainer_->scale_loss(loss); }

Tensors ModelLayer::train_step(const Batch& batch, const StepContext& step) const {
  const Tensors y_pred = models::call_in_scope(*this, batch.x, true);
  const Tensor loss = compute_loss(batch, y_pred, step);
  const std::vector<Variable>& trained = training::trainable_of(training::compiled(*this, "Model.fit"), *this);
  if (!trained.empty()) step.apply_gradients(gradients(step.scale_loss(loss), trained), trained);
  return step.update_metrics(batch, y_pred, loss);
}

Tensors ModelLayer::test_step(const Batch& batch, const StepContext& step) const {
  const Tensors y_pred = models::call_in_scope(*this, batch.x, false);
  return step.update_metrics(batch, y_pred, compute_loss(batch, y_pred, step));
}

Tensor ModelLayer::compute_loss(const Batch& batch, const Tensors& y_pred, const StepContext& step) const {
  return step.compute_loss(batch, y_pred);
}

}  // namespace kerata
