// The callbacks of one run, called in order, and the progress bar.
#pragma once

#include <optional>
#include <utility>

#include "training/progress_bar.h"
#include "training/trainer_state.h"

namespace kerata::training {

/// Gives the callbacks the model for as long as it lives. Throws ValueError for an empty callback.
class CallbackList {
 public:
  CallbackList(const std::vector<AnyCallback>& callbacks, const Model& model, const RunParams& params);
  ~CallbackList();
  CallbackList(const CallbackList&) = delete;
  CallbackList& operator=(const CallbackList&) = delete;

  /// Whether anything wants to hear of single batches.
  bool hears_batches() const { return !list_.empty() || params_.verbose == 1; }

  template <class Hook>
  void call(Hook hook) const {
    for (const AnyCallback& callback : list_) hook(*callback);
  }
  void start_bar() { bar_.emplace(params_.verbose, params_.steps, terminal_); }
  void begin_epoch(int epoch);
  /// After `done` steps.
  void step_bar(std::int64_t done, const Logs& logs) {
    if (params_.verbose == 1 && bar_->is_due(done)) bar_->print(done, {logs.begin(), logs.end()}, false);
  }
  void finish_bar(const Logs& logs) {
    if (bar_) bar_->print(params_.steps, {logs.begin(), logs.end()}, true);
  }
  const RunParams& params() const { return params_; }

 private:
  void forget_model() const;
  std::vector<AnyCallback> list_;
  Model model_;
  RunParams params_;
  bool terminal_;
  std::optional<ProgressBar> bar_;
};

/// 0, 1 or 2 from what the user gave. Throws ValueError for anything else.
int checked_verbose(int verbose, std::string_view where);

/// The figures of the running epoch as logs, sorted by name as Keras's are; fetched when somebody looks.
class MetricLogs final : public Logs::Source {
 public:
  explicit MetricLogs(CompiledModel& compiled);
  /// From now on the logs are those of a train_step of the user's own.
  void use_own(const std::vector<std::string>& names);
  /// Where an eager step puts its own logs, in the order of their names.
  std::vector<double>& own_values() { return own_values_; }
  /// Its own logs are the outputs of the step that ran last, read when somebody looks: a GPU may still work on it.
  void use_outputs(const Binding& step) { step_ = step; }
  /// Reads what somebody may still look at: the outputs and the metrics are about to change.
  void settle();
  void read_now() {
    logs_.renew();
    settle();
  }
  Logs& logs() { return logs_; }
  /// Has the model's figures brought to the host beside what the GPU does next; use() then makes the logs of them,
  /// before the second fetch() after.
  std::size_t fetch();
  void use(std::size_t fetched);
  /// Whether they are the model's figures, and not logs of a step of the user's own.
  bool are_the_models() const { return own_names_.empty(); }
  /// In evaluate()'s order.
  Scores scores() const;
  void read(std::span<Logs::Entry> entries) const override;

 private:
  void sort_names(const std::vector<std::string>& names);
  void take_outputs() const;
  Binding results() const;
  CompiledModel& compiled_;
  std::vector<std::size_t> place_;  // of each sorted entry among the names
  std::vector<std::string> own_names_;
  mutable std::vector<double> own_values_;
  mutable std::optional<Binding> step_;
  mutable std::optional<std::size_t> fetched_;
  Logs logs_;
};

/// While it lives, whoever else is about to use the model's metrics (a callback that evaluates) settles the logs first.
class OpenLogs {
 public:
  OpenLogs(CompiledModel& compiled, MetricLogs& logs)
      : compiled_(compiled), outer_(std::exchange(compiled.open_logs, &logs)) {}
  ~OpenLogs() { compiled_.open_logs = outer_; }
  OpenLogs(const OpenLogs&) = delete;
  OpenLogs& operator=(const OpenLogs&) = delete;

 private:
  CompiledModel& compiled_;
  MetricLogs* outer_;
};
void settle_open_logs(CompiledModel& compiled);

}  // namespace kerata::training
