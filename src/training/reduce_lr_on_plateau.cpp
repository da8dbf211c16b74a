#include "kerata/training/reduce_lr_on_plateau.h"

#include <algorithm>

#include "core/require.h"
#include "training/monitor.h"
#include "training/path_format.h"
#include "training/progress_bar.h"

namespace kerata::callbacks {
namespace {

constexpr std::string_view kWhere = "ReduceLROnPlateau";

}  // namespace

ReduceLROnPlateau::ReduceLROnPlateau() : ReduceLROnPlateau(Options{}) {}
ReduceLROnPlateau::ReduceLROnPlateau(const Options& options) : options_(options) {
  require<ValueError>(options.factor < 1, kWhere,
                      "ReduceLROnPlateau does not support a factor >= 1.0. Received factor=", options.factor);
  require<ValueError>(options.patience >= 0, kWhere, "patience must not be negative. Received ", options.patience, '.');
  require<ValueError>(options.cooldown >= 0, kWhere, "cooldown must not be negative. Received ", options.cooldown, '.');
}

void ReduceLROnPlateau::on_train_begin() {
  best_.reset();
  wait_ = cooldown_counter_ = 0;
}

void ReduceLROnPlateau::on_epoch_end(int epoch, const Logs& logs) {
  const bool larger = training::larger_is_better(options_.mode, options_.monitor, model(), kWhere);
  logs.set("learning_rate", model().optimizer().learning_rate());
  if (!logs.contains(options_.monitor))
    return training::print_warning("Learning rate reduction is conditioned on metric `" + options_.monitor +
                                   "` which is not available. Available metrics are: " + training::names_of(logs) +
                                   ".");
  const double current = logs[options_.monitor];
  if (in_cooldown()) {
    --cooldown_counter_;
    wait_ = 0;
  }
  if (!best_ || training::improves(current, *best_, larger, options_.min_delta)) {
    best_ = current;
    wait_ = 0;
  } else if (!in_cooldown() && ++wait_ >= options_.patience) {
    reduce(epoch);
  }
}

// Rates are float32, so the lower bound is compared as such.
void ReduceLROnPlateau::reduce(int epoch) {
  const double old_rate = model().optimizer().learning_rate();
  if (old_rate <= static_cast<float>(options_.min_lr)) return;
  const double rate = std::max(old_rate * options_.factor, options_.min_lr);
  model().optimizer().set_learning_rate(rate);
  if (options_.verbose > 0)
    training::print_text("\nEpoch " + std::to_string(epoch + 1) + ": ReduceLROnPlateau reducing learning rate to " +
                         training::format_number({}, rate, kWhere) + ".\n");
  cooldown_counter_ = options_.cooldown;
  wait_ = 0;
}

}  // namespace kerata::callbacks
