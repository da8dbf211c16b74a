// Model::predict, predict_all.
#include <algorithm>
#include <cstring>
#include <utility>

#include "core/require.h"
#include "graph/placement.h"
#include "graph/variable_guard.h"
#include "training/arguments.h"
#include "training/callback_list.h"
#include "training/forward.h"
#include "training/place.h"
#include "training/shuffle.h"

namespace kerata {
namespace training {

ProgramPtr forward_program(TrainerState& state, const ModelLayer& model, const std::vector<ValueType>& types) {
  ProgramCache::Key key;
  key.types = types;
  key.graph = model.model_state().graph.get();
  key.device = device_of(model);
  const std::uint64_t placed = placement_version();
  if (state.placement != placed) {
    const std::lock_guard tracing(state.tracing);
    place(model.weights(), key.device, "Model.predict");
    const std::lock_guard lock(state.mutex);
    for (const auto& [known_key, program] : state.predict.entries())  // states of layers are no weights
      if (known_key.device == key.device) place(program->executable->variables(), key.device, "Model.predict");
    state.placement = placed;  // not newer: a move since then is found the next time
  }
  auto known = [&] {
    const std::lock_guard lock(state.mutex);
    return state.predict.find(key);
  };
  if (ProgramPtr program = known()) return program;
  const std::lock_guard tracing(state.tracing);
  if (ProgramPtr program = known()) return program;  // traced while this thread waited
  const TracedFunction traced = trace(types, false, [&](const std::vector<Tensor>& inputs, Scope&) {
    return models::call_in_scope(model, Tensors(inputs), false).list();
  });
  auto program = std::make_shared<Program>();
  program->executable = Executable::compile(traced, {}, key.device);
  place(program->executable->variables(), key.device, "Model.predict");
  program->cells = cells_of(program->executable->variables());
  const std::lock_guard lock(state.mutex);
  state.predict.add(key, program);
  return program;
}

namespace {

constexpr std::string_view kWhere = "Model.predict";

// The results of all batches, each written where it belongs.
class Collector {
 public:
  explicit Collector(Dim samples) : samples_(samples) {}
  void take(std::size_t output, const ValueType& type, const void* values, Dim first, Dim count) {
    if (output == results_.size()) {
      require<ShapeError>(type.shape.rank() >= 1 && type.shape[0] == count, kWhere, "Output ", output,
                          " has no batch axis. Expected (", count, ", ...), received ", type.shape, '.');
      results_.push_back(concrete({type.dtype, type.shape.with(0, samples_)}));
    }
    const std::size_t row = bytes_of(type) / static_cast<std::size_t>(std::max<Dim>(1, type.shape[0]));
    std::memcpy(output_of(results_[output]).data() + static_cast<std::size_t>(first) * row, values,
                row * static_cast<std::size_t>(count));
  }
  std::vector<Tensor>& results() { return results_; }

 private:
  Dim samples_;
  std::vector<Tensor> results_;
};

// A forward pass outside of any program. What it writes is known when it has run: the first pass keeps other threads
// out, the next ones take the exclusive guard of those variables first.
Tensors eager_pass(TrainerState& state, const ModelLayer& model, const Tensors& inputs) {
  auto known = [&] {
    const std::lock_guard lock(state.mutex);
    return state.eager_states;
  };
  std::optional<std::vector<Variable>> states = known();
  std::unique_lock first(state.tracing, std::defer_lock);
  if (!states) {
    first.lock();
    states = known();
  }
  const std::vector<VariableCell*> cells = cells_of(states.value_or(std::vector<Variable>()));
  const WriteGuard exclusive(cells, kWhere);
  Scope scope(Mode::eager, false);
  const Tensors outputs = [&] {
    const std::vector<VariableCell*> weights = cells_of(model.weights());
    const ReadGuard guard(weights, kWhere);
    return models::call_in_scope(model, inputs, false);
  }();
  const std::vector<Variable> updated = scope.updated();
  const std::vector<VariableCell*> written = cells_of(updated);
  const WriteGuard guard(written, kWhere);
  scope.commit();
  if (states && std::includes(cells.begin(), cells.end(), written.begin(), written.end())) return outputs;
  const std::lock_guard lock(state.mutex);
  if (!state.eager_states) state.eager_states.emplace();
  state.eager_states->insert(state.eager_states->end(), updated.begin(), updated.end());
  return outputs;
}

// Batches of one predict() call.
class Prediction {
 public:
  Prediction(TrainerState& state, const ModelLayer& model, const std::vector<Column>& columns, Dim samples)
      : state_(state), model_(model), columns_(columns), collector_(samples), lease_(state.pool.borrow()) {}

  // A GPU works on this batch while the results of the one before come home.
  void run(Dim first, Dim count) {
    if (count != count_) {
      finish();
      bind(count);
    }
    const Executable& executable = *program_->executable;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].is_direct())
        binding_->set_input(i, columns_[i].row(first));
      else
        columns_[i].gather(nullptr, first, count, binding_->input(i));
    }
    if (executable.is_random()) binding_->set_random_state(key_, step_++);
    binding_->run();
    const Pending next{binding_->fetch(), first};
    finish();
    pending_ = next;
    if (executable.device().is_cpu()) finish();
  }
  /// Collects the results of the last batch.
  void finish() {
    if (!pending_) return;
    const auto [number, first] = *std::exchange(pending_, std::nullopt);
    const Executable& executable = *program_->executable;
    for (std::size_t i = 0; i < executable.num_outputs(); ++i)
      collector_.take(i, executable.output_type(i), binding_->fetched(number, i), first, count_);
  }

  void run_eagerly(Dim first, Dim count) {
    std::vector<Tensor> inputs;
    for (const Column& column : columns_) {
      inputs.push_back(concrete(column.batch_type(count)));
      column.gather(nullptr, first, count, output_of(inputs.back()).data());
    }
    const Tensors outputs = eager_pass(state_, model_, Tensors(inputs));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Tensor y = on_host(outputs.list()[i]);
      collector_.take(i, type_of(y), output_of(y).data(), first, count);
    }
  }
  std::vector<Tensor>& results() { return collector_.results(); }

 private:
  struct Pending {  // a batch of the bound program whose results are not collected yet
    std::size_t number;
    Dim first;
  };
  void bind(Dim count) {
    std::vector<ValueType> types;
    for (const Column& column : columns_) types.push_back(column.batch_type(count));
    program_ = forward_program(state_, model_, types);
    if (!guard_) {
      first_ = program_;
      exclusive_.emplace(first_->executable->written(), kWhere);
      guard_.emplace(first_->cells, kWhere);
    }
    binding_ = lease_->bind(program_->executable);
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].is_direct()) binding_->use_own_input(i);
    if (program_->executable->is_random() && key_ == 0) key_ = draw_key();
    count_ = count;
  }

  TrainerState& state_;
  const ModelLayer& model_;
  const std::vector<Column>& columns_;
  Collector collector_;
  WorkspacePool::Lease lease_;
  Dim count_ = 0;
  ProgramPtr program_, first_;
  // On the variables of first_: those of every batch size.
  std::optional<WriteGuard> exclusive_;
  std::optional<ReadGuard> guard_;
  std::optional<Binding> binding_;
  std::optional<Pending> pending_;
  std::uint64_t key_ = 0, step_ = 0;
};

}  // namespace
}  // namespace training

Tensors Model::predict_all(const Tensors& x, const PredictOptions& options) const {
  using namespace training;
  check_batch_size(options.batch_size, kWhere);
  require<ValueError>(options.steps == -1 || options.steps >= 1, kWhere,
                      "steps must be at least 1, or -1 for all. Received ", options.steps, '.');
  const int verbose = checked_verbose(options.verbose, kWhere);
  TrainerState& state = state_of(impl());
  training::ensure_built(impl(), x, kWhere);
  DataSet data;
  data.x = input_columns(impl(), x, kWhere);
  data.samples = common_samples(data, kWhere);
  const Dim batches = (data.samples + options.batch_size - 1) / options.batch_size;
  const Dim steps = options.steps < 0 ? batches : std::min(options.steps, batches);
  Prediction prediction(state, impl(), data.x, std::min(data.samples, steps * options.batch_size));
  const bool eager = state.runs_eagerly();
  CallbackList callbacks(options.callbacks, *this, {verbose, 1, steps});
  const Logs none;
  callbacks.call([](Callback& callback) { callback.on_predict_begin(); });
  if (verbose > 0) callbacks.start_bar();
  for (Dim batch = 0; batch < steps; ++batch) {
    const Dim first = batch * options.batch_size, count = std::min(options.batch_size, data.samples - first);
    const int number = static_cast<int>(batch);
    callbacks.call([&](Callback& callback) { callback.on_predict_batch_begin(number); });
    if (eager)
      prediction.run_eagerly(first, count);
    else
      prediction.run(first, count);
    callbacks.call([&](Callback& callback) { callback.on_predict_batch_end(number); });
    callbacks.step_bar(batch + 1, none);
  }
  prediction.finish();
  callbacks.call([](Callback& callback) { callback.on_predict_end(); });
  callbacks.finish_bar(none);
  std::vector<Tensor>& results = prediction.results();
  if (results.size() < 2) return Tensors(std::move(results));
  const std::vector<std::string> names = models::output_names_of(impl());
  if (names.size() != results.size()) return Tensors(std::move(results));
  std::vector<Tensors::Named> named;
  for (std::size_t i = 0; i < names.size(); ++i) named.emplace_back(names[i], results[i]);
  return Tensors(std::move(named));
}

namespace {

// As far as the graph tells; another thread may be building it.
std::size_t known_outputs(const ModelLayer& model) {
  training::TrainerState& state = training::state_of(model);
  std::unique_lock tracing(state.tracing, std::defer_lock);
  if (!state.built) tracing.lock();
  return models::is_functional(model) ? models::outputs_of(model).size() : 1;
}

}  // namespace

Tensor Model::predict(const Tensors& x, const PredictOptions& options) const {
  const std::size_t outputs = known_outputs(impl());
  require<ValueError>(outputs == 1, "Model.predict", "The model has ", outputs,
                      " outputs. Hint: predict_all() gives them all.");
  return predict_all(x, options).single();
}

}  // namespace kerata
