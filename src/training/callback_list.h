// The callbacks of one run, called in order, and the progress bar.
#pragma once

#include <optional>

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
  /// Where the step puts its own logs, in the order of their names.
  std::vector<double>& own_values() { return own_values_; }
  Logs& logs() { return logs_; }
  /// In evaluate()'s order.
  Scores scores() const;
  void read(std::span<Logs::Entry> entries) const override;

 private:
  void sort_names(const std::vector<std::string>& names);
  CompiledModel& compiled_;
  std::vector<std::size_t> place_;  // of each sorted entry among the names
  std::vector<std::string> own_names_;
  std::vector<double> own_values_;
  Logs logs_;
};

}  // namespace kerata::training
