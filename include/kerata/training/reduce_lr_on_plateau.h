// ReduceLROnPlateau: a smaller learning rate when a training no longer gets better.
#pragma once

#include <optional>

#include "kerata/core/choice.h"
#include "kerata/models/callback.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace callbacks {

/// Multiplies the learning rate by `factor` when `monitor` has not improved by more than min_delta for `patience`
/// epochs. The rate of each epoch goes into the logs, and so into the History, as "learning_rate"; callbacks that stand
/// before this one in the list see it an epoch later. On a GPU the recorded step reads the rate: it is not recorded
/// again.
class ReduceLROnPlateau : public Callback {
 public:
  struct Options {
    std::string monitor = "val_loss";
    double factor = 0.1;                // below 1
    int patience = 10;                  // epochs without improvement
    int verbose = 0;                    // 1: says when it acts
    Choice<MonitorMode> mode = "auto";  // auto: max for accuracies and the like, else min
    double min_delta = 1e-4;            // smaller changes are none; its sign does not count
    int cooldown = 0;                   // epochs after a reduction in which none is counted
    double min_lr = 0;                  // the rate never goes below
  };
  ReduceLROnPlateau();
  /// Throws ValueError for a factor of 1 or more, a negative patience or cooldown.
  explicit ReduceLROnPlateau(const Options& options);
  int wait() const { return wait_; }
  bool in_cooldown() const { return cooldown_counter_ > 0; }
  /// The best value seen; none before the first.
  std::optional<double> best() const { return best_; }

  void on_train_begin() override;
  /// Throws ValueError when the mode is auto and nobody can tell, StateError when the rate is a schedule's.
  void on_epoch_end(int epoch, const Logs& logs) override;

 private:
  void reduce(int epoch);
  Options options_;
  int wait_ = 0, cooldown_counter_ = 0;
  std::optional<double> best_;
};

}  // namespace callbacks
}  // namespace kerata

#pragma GCC visibility pop
