// Model::fit.
#include <algorithm>
#include <optional>
#include <utility>

#include "core/require.h"
#include "graph/variable_guard.h"
#include "training/arguments.h"
#include "training/evaluate.h"
#include "training/place.h"
#include "training/shuffle.h"

namespace kerata {
namespace training {
namespace {

constexpr std::string_view kWhere = "Model.fit";

// One fit at a time per model: it would share workspace and metrics with itself.
class FitLock {
 public:
  explicit FitLock(TrainerState& state) : state_(state) {
    require<StateError>(!state.is_fitting.exchange(true), kWhere,
                        "The model is already being trained. Hint: wait for the other fit() to end.");
  }
  ~FitLock() { state_.is_fitting = false; }
  FitLock(const FitLock&) = delete;
  FitLock& operator=(const FitLock&) = delete;

 private:
  TrainerState& state_;
};

struct FitData {
  DataSet train;
  std::optional<DataSet> validation;
};

FitData fit_data(CompiledModel& compiled, ModelLayer& model, const Tensors& x, const Tensors& y,
                 const FitOptions& options) {
  Tensors weight = options.sample_weight;
  if (!options.class_weight.empty()) {
    require<ValueError>(y.size() == 1, kWhere,
                        "`class_weight` is only supported for Models with a single output. Received ", y.size(),
                        " targets.");
    weight = class_weights(y.list()[0], options.class_weight, kWhere);
  }
  FitData data{step_data(compiled, model, x, y, weight, kWhere), std::nullopt};
  if (options.validation_data.given()) {
    data.validation = step_data(compiled, model, options.validation_data.x(), options.validation_data.y(),
                                options.validation_data.sample_weight(), "Model.fit (validation_data)");
  } else if (options.validation_split > 0) {
    const Dim kept = split_at(data.train.samples, options.validation_split);
    data.validation = data.train.cut(kept, data.train.samples);
    if (!options.class_weight.empty()) {  // for training only
      data.validation->weight.clear();
      std::fill(data.validation->weight_of.begin(), data.validation->weight_of.end(), -1);
    }
    data.train = data.train.cut(0, kept);
  }
  return data;
}

// The loop over epochs and batches.
class FitLoop {
 public:
  FitLoop(TrainerState& state, CompiledModel& compiled, Model& model, FitData data, const FitOptions& options)
      : state_(state),
        compiled_(compiled),
        model_(model.impl()),
        options_(options),
        metric_variables_(compiled.metric_variables()),
        train_logs_(compiled),
        validation_logs_(compiled),
        train_(compiled, model.impl(), std::move(data.train), options.batch_size, true, train_logs_, kWhere),
        steps_(options.steps_per_epoch > 0 ? options.steps_per_epoch : train_.num_batches()),
        callbacks_(options.callbacks, model, {checked_verbose(options.verbose, kWhere), options.epochs, steps_}) {
    if (data.validation) {
      const Dim batch_size = options.validation_batch_size > 0 ? options.validation_batch_size : options.batch_size;
      validation_.emplace(compiled, model.impl(), std::move(*data.validation), batch_size, false, validation_logs_,
                          kWhere);
    }
    if (options.shuffle) train_.shuffle(order_key_);
    train_.prepare(steps_);
    if (validation_)
      validation_->prepare(options.validation_steps > 0 ? options.validation_steps : validation_->num_batches());
  }

  History run();

 private:
  void run_epoch(int epoch);
  void run_batch(Dim number, bool begins, bool ends);
  void start_pass() {
    next_ = 0;
    train_.start_pass(pass_++);
  }
  FitProgress progress(int epoch) const {
    return {epoch, order_key_, pass_, static_cast<std::uint64_t>(next_), train_.random_key(), train_.random_step()};
  }
  void resume(const FitProgress& progress);
  bool stopped() const { return state_.stop_training.load(std::memory_order_relaxed); }
  const Logs& make_epoch_logs(bool validated);
  void end_epoch(int epoch, History& history);
  void read_later(int epoch, bool validated, History& history);
  void read_last(History& history);
  void take_figures();
  void write(int epoch, const Logs& logs, History& history) const;
  std::size_t expected_epochs() const {
    return static_cast<std::size_t>(std::clamp(options_.epochs - options_.initial_epoch, 1, 100000));
  }

  TrainerState& state_;
  CompiledModel& compiled_;
  const ModelLayer& model_;
  const FitOptions& options_;
  std::vector<Variable> metric_variables_;
  MetricLogs train_logs_, validation_logs_;
  BatchRunner train_;
  std::optional<BatchRunner> validation_;
  Dim steps_;
  CallbackList callbacks_;
  std::uint64_t order_key_ = draw_key(), pass_ = 0;
  Dim next_ = 0;  // batch of the running pass over the data
  bool warned_ = false;
  std::vector<double> train_values_;
  std::vector<std::string> validation_names_;  // "val_loss", ...
  Logs epoch_logs_[2];                         // without and with a validation
  const Logs* last_logs_ = &epoch_logs_[0];
  // On a GPU, where nobody looks at the figures of an epoch before the next one has begun: it need not wait for them.
  const bool is_unwatched_ = !device_of(model_).is_cpu() && options_.callbacks.empty() &&
                             callbacks_.params().verbose == 0 && !compiled_.options.run_eagerly;
  struct Later {
    int epoch;
    bool validated;
    std::size_t figures, reports = 0;
    std::optional<std::size_t> validation = {};
  };
  std::optional<Later> later_;  // an epoch whose figures are on their way
};

void FitLoop::resume(const FitProgress& progress) {
  order_key_ = progress.order_key;
  pass_ = progress.order_pass;
  next_ = static_cast<Dim>(std::min(progress.order_batch, static_cast<std::uint64_t>(train_.num_batches())));
  if (options_.shuffle) train_.shuffle(order_key_);
  if (pass_ > 0) train_.start_pass(pass_ - 1);
  train_.set_random_state(progress.random_key, progress.random_step);
}

void FitLoop::run_batch(Dim number, bool begins, bool ends) {
  if (!callbacks_.hears_batches()) return train_.step(next_++);
  const int index = static_cast<int>(number);
  if (begins) callbacks_.call([&](Callback& callback) { callback.on_train_batch_begin(index); });
  train_.step(next_++);
  if (!ends) return;
  train_logs_.logs().renew();
  callbacks_.call([&](Callback& callback) { callback.on_train_batch_end(index, train_logs_.logs()); });
  callbacks_.step_bar(number + 1, train_logs_.logs());
}

void FitLoop::run_epoch(int epoch) {
  reset_metrics(metric_variables_);
  callbacks_.call([&](Callback& callback) { callback.on_epoch_begin(epoch); });
  callbacks_.begin_epoch(epoch);
  // With steps_per_epoch a pass over the data goes on where the last epoch ended, and an epoch ends with its pass, as
  // in Keras.
  const Dim batches = train_.num_batches();
  if (options_.steps_per_epoch < 0 || pass_ == 0 || next_ == batches) start_pass();
  if (next_ + steps_ > batches && !warned_) {
    print_warning(
        "Your input ran out of data; interrupting epoch. `steps_per_epoch * epochs` batches are more than there are.");
    warned_ = true;
  }
  const Dim steps = std::min(steps_, batches - next_);
  const int group = compiled_.options.steps_per_execution;
  for (Dim step = 0; step < steps && !stopped(); ++step)
    run_batch(step, step % group == 0, step % group == group - 1 || step == steps - 1);
  if (epoch + 1 < options_.epochs && next_ == batches) train_.prepare_pass(pass_);
}

// The logs of the epoch: the figures of training, and with "val_" those of the validation, sorted by name. With
// callbacks they are made anew: a callback may have added figures to the last ones.
const Logs& FitLoop::make_epoch_logs(bool validated) {
  Logs& logs = epoch_logs_[validated];
  if (logs.empty() || !options_.callbacks.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : train_logs_.logs()) names.push_back(name);
    if (validated) {
      validation_names_.clear();
      for (const auto& [name, value] : validation_logs_.logs()) validation_names_.push_back("val_" + name);
      names.insert(names.end(), validation_names_.begin(), validation_names_.end());
    }
    std::sort(names.begin(), names.end());
    logs = Logs(names, nullptr);
  }
  std::size_t i = 0;
  for (const auto& [name, value] : train_logs_.logs()) logs.set(name, train_values_[i++]);
  i = 0;
  if (validated)
    for (const auto& [name, value] : validation_logs_.logs()) logs.set(validation_names_[i++], value);
  return logs;
}

// This epoch's steps are given when the last one's figures are waited for: a GPU goes on.
void FitLoop::read_later(int epoch, bool validated, History& history) {
  if (later_ && later_->validation) read_last(history);  // its figures take both buffers for them
  Later later{epoch, validated, train_logs_.fetch()};
  read_last(history);
  if (validated) {
    run_steps(*validation_, metric_variables_, options_.validation_steps);
    if (validation_logs_.are_the_models())
      later.validation = validation_logs_.fetch();
    else  // a test_step of the user's own, which its first batch has shown
      validation_logs_.read_now();
  }
  later.reports = train_.fetch_reports();
  later_ = later;
}

void FitLoop::read_last(History& history) {
  if (!later_) return;
  const Later last = *std::exchange(later_, std::nullopt);
  train_.check(last.reports);
  train_logs_.use(last.figures);
  take_figures();
  if (last.validation) validation_logs_.use(*last.validation);
  write(last.epoch, make_epoch_logs(last.validated), history);
}

void FitLoop::take_figures() {
  train_values_.clear();
  for (const auto& [name, value] : train_logs_.logs()) train_values_.push_back(value);
}

void FitLoop::write(int epoch, const Logs& logs, History& history) const {
  history.epoch.push_back(epoch);
  for (const auto& [name, value] : logs) {
    std::vector<double>& values = history.history[name];
    if (values.empty()) values.reserve(expected_epochs());
    values.push_back(value);
  }
}

void FitLoop::end_epoch(int epoch, History& history) {
  const bool validated = validation_ && options_.validation_freq.is_due(epoch);
  state_.progress = progress(epoch + 1);
  if (is_unwatched_ && train_logs_.are_the_models() && validation_logs_.are_the_models())
    return read_later(epoch, validated, history);
  read_last(history);
  train_.check();
  train_logs_.logs().renew();
  take_figures();  // before the validation, which uses the same metrics
  if (validated)
    run_evaluation(*validation_, metric_variables_, options_.validation_steps, callbacks_, validation_logs_, false);
  const Logs& logs = make_epoch_logs(validated);
  last_logs_ = &logs;
  callbacks_.call([&](Callback& callback) { callback.on_epoch_end(epoch, logs); });
  callbacks_.finish_bar(logs);
  write(epoch, logs, history);
}

History FitLoop::run() {
  History history;
  history.params = {
      {"verbose", callbacks_.params().verbose}, {"epochs", options_.epochs}, {"steps", static_cast<double>(steps_)}};
  history.epoch.reserve(expected_epochs());
  state_.stop_training = false;
  state_.progress = progress(options_.initial_epoch);
  state_.resume.reset();
  const OpenLogs open(compiled_, train_logs_);
  callbacks_.call([](Callback& callback) { callback.on_train_begin(); });
  int first = options_.initial_epoch;
  if (state_.resume) {
    resume(*state_.resume);
    if (state_.resume->epoch > 0) first = state_.resume->epoch;  // as Keras: a backup of epoch 0 leaves the option
  }
  state_.progress = progress(first);
  for (int epoch = first; epoch < options_.epochs && !stopped(); ++epoch) {
    run_epoch(epoch);
    end_epoch(epoch, history);
  }
  read_last(history);
  compiled_.optimizer->finalize_variable_values(compiled_.trainable);
  callbacks_.call([&](Callback& callback) { callback.on_train_end(*last_logs_); });
  return history;
}

}  // namespace
}  // namespace training

History Model::fit(const Tensors& x, const Tensors& y, const FitOptions& options) {
  using namespace training;
  check_fit_options(options);
  CompiledModel& model = training::compiled(impl(), kWhere);
  TrainerState& state = state_of(impl());
  const FitLock lock(state);
  const std::shared_ptr<CompiledModel> keep = state.compiled;
  FitData data = fit_data(model, impl(), x, y, options);
  model.optimizer->build(trainable_of(model, impl()));
  std::vector<Variable> used = weights();
  for (const Variable& v : model.metric_variables()) used.push_back(v);
  for (const Variable& v : model.optimizer->variables()) used.push_back(v);
  const std::vector<VariableCell*> cells = cells_of(used);
  place(used, device_of(impl()), kWhere);
  const WriteGuard guard(cells, kWhere);
  FitLoop loop(state, model, *this, std::move(data), options);
  History history = loop.run();
  if (const std::string profile = profile_report(); !profile.empty()) print_text(profile);
  return history;
}

}  // namespace kerata
