// ModelCheckpoint: saves the model while it is trained.
#pragma once

#include <optional>
#include <string>

#include "kerata/core/choice.h"
#include "kerata/models/callback.h"
#include "kerata/training/save_frequency.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace callbacks {

/// Saves the model, or its weights, after each epoch or every so many batches. `filepath` may hold fields in Python's
/// form, filled with the epoch (from 1), the batch (from 1, when saving by batches) and the logs:
/// "{epoch:02d}-{val_loss:.2f}.keras". It ends in .keras or .h5, with save_weights_only in .weights.h5, .npz or
/// .safetensors. A name without a dot is a folder, which holds the latest save as model.keras (or model.weights.h5);
/// load_model() takes the folder. Missing folders are made; a file is replaced in one step, so that a killed training
/// leaves a whole one.
class ModelCheckpoint : public Callback {
 public:
  struct Options {
    std::string monitor = "val_loss";
    int verbose = 0;              // 1: says when it acts
    bool save_best_only = false;  // only when `monitor` is better than ever before
    bool save_weights_only = false;
    Choice<MonitorMode> mode = "auto";                   // auto: max for accuracies and the like, else min
    SaveFrequency save_freq = "epoch";                   // or a number of batches
    std::optional<double> initial_value_threshold = {};  // with save_best_only: saves only what is better than this
  };
  /// Throws ValueError for another ending, or for fields that Python's format() does not know.
  explicit ModelCheckpoint(const std::string& filepath);
  ModelCheckpoint(const std::string& filepath, const Options& options);
  /// The best value so far; none before the first.
  std::optional<double> best() const { return best_; }

  void on_epoch_begin(int epoch) override;
  void on_train_batch_end(int batch, const Logs& logs) override;
  void on_epoch_end(int epoch, const Logs& logs) override;

 private:
  void save(int epoch, std::optional<int> batch, const Logs& logs);
  bool should_save(int epoch, const Logs& logs, const std::string& path);
  void say(int epoch, const std::string& text) const;
  std::string path_;  // with its fields
  Options options_;
  std::optional<double> best_;
  int epoch_ = 0;
};

}  // namespace callbacks
}  // namespace kerata

#pragma GCC visibility pop
