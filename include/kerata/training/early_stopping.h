// EarlyStopping: ends a training that no longer gets better.
#pragma once

#include <optional>

#include "kerata/core/choice.h"
#include "kerata/graph/tensors.h"
#include "kerata/models/callback.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace callbacks {

using kerata::Callback;
using kerata::Logs;

/// Stops when `monitor` has not improved by more than min_delta for `patience` epochs.
class EarlyStopping : public Callback {
 public:
  struct Options {
    std::string monitor = "val_loss";
    double min_delta = 0;
    int patience = 0;
    int verbose = 0;                      // 1: says when it acts
    Choice<MonitorMode> mode = "auto";    // auto: max for accuracies and the like, else min
    std::optional<double> baseline = {};  // an improvement counts only when better than this
    bool restore_best_weights = false;
    int start_from_epoch = 0;
  };
  EarlyStopping();
  /// Throws ValueError for a negative patience or start_from_epoch.
  explicit EarlyStopping(const Options& options);
  int stopped_epoch() const { return stopped_epoch_; }  // 0: it did not stop
  int best_epoch() const { return best_epoch_; }
  int wait() const { return wait_; }
  /// The best value seen; none before the first.
  std::optional<double> best() const { return best_; }

  void on_train_begin() override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_end(const Logs& logs) override;

 private:
  Options options_;
  int wait_ = 0, stopped_epoch_ = 0, best_epoch_ = 0;
  std::optional<double> best_;
  Tensors best_weights_;
};

}  // namespace callbacks
}  // namespace kerata

#pragma GCC visibility pop
