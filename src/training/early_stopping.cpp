#include "kerata/training/early_stopping.h"

#include "core/require.h"
#include "training/monitor.h"
#include "training/progress_bar.h"

namespace kerata::callbacks {

EarlyStopping::EarlyStopping() : EarlyStopping(Options{}) {}
EarlyStopping::EarlyStopping(const Options& options) : options_(options) {
  require<ValueError>(options.patience >= 0, "EarlyStopping", "patience must not be negative. Received ",
                      options.patience, '.');
  require<ValueError>(options.start_from_epoch >= 0, "EarlyStopping",
                      "start_from_epoch must not be negative. Received ", options.start_from_epoch, '.');
}

void EarlyStopping::on_train_begin() {
  wait_ = stopped_epoch_ = best_epoch_ = 0;
  best_.reset();
  best_weights_ = Tensors();
}

void EarlyStopping::on_epoch_end(int epoch, const Logs& logs) {
  const bool larger = training::larger_is_better(options_.mode, options_.monitor, model(), "EarlyStopping");
  if (!logs.contains(options_.monitor))
    return training::print_warning("Early stopping conditioned on metric `" + options_.monitor +
                                   "` which is not available. Available metrics are: " + training::names_of(logs));
  const auto improved = [&](double value, double reference) {
    return training::improves(value, reference, larger, options_.min_delta);
  };
  const double current = logs[options_.monitor];
  if (epoch < options_.start_from_epoch) return;
  if (options_.restore_best_weights && best_weights_.empty())
    best_weights_ = model().get_weights(), best_epoch_ = epoch;
  ++wait_;
  if (!best_ || improved(current, *best_)) {
    best_ = current;
    best_epoch_ = epoch;
    if (options_.restore_best_weights) best_weights_ = model().get_weights();
    if (!options_.baseline || improved(current, *options_.baseline)) wait_ = 0;
    return;
  }
  if (wait_ >= options_.patience && epoch > 0) {
    stopped_epoch_ = epoch;
    model().stop_training();
  }
}

void EarlyStopping::on_train_end(const Logs&) {
  if (stopped_epoch_ > 0 && options_.verbose > 0)
    training::print_text("Epoch " + std::to_string(stopped_epoch_ + 1) + ": early stopping\n");
  if (!options_.restore_best_weights || best_weights_.empty()) return;
  if (options_.verbose > 0)
    training::print_text("Restoring model weights from the end of the best epoch: " + std::to_string(best_epoch_ + 1) +
                         ".\n");
  model().set_weights(best_weights_);
}

}  // namespace kerata::callbacks
