// BackupAndRestore: a training that goes on where it was interrupted.
#pragma once

#include <string>

#include "kerata/models/callback.h"
#include "kerata/training/save_frequency.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace callbacks {

/// Saves weights, optimizer and epoch in a folder during fit(); the next fit() with the same folder begins with them,
/// at the epoch that was interrupted. With the default save_freq it goes on with the same batches and random numbers,
/// so that its figures are those of a training without interruption; a backup in the middle of an epoch begins that
/// epoch again, as in Keras. The folder serves one training only: latest.weights.h5 and training_metadata.json, which
/// Keras reads too; the weights file holds the metadata as well, so that a process may be killed at any moment, also
/// between the two. State of other callbacks (EarlyStopping's patience) is not kept.
class BackupAndRestore : public Callback {
 public:
  struct Options {
    SaveFrequency save_freq = "epoch";  // or a number of batches
    bool double_checkpoint = false;     // keeps the backup before the latest too, for when the latest is damaged
    bool delete_checkpoint = true;      // removes the backup when the training has ended
  };
  /// Throws ValueError for an empty path.
  explicit BackupAndRestore(const std::string& backup_dir);
  BackupAndRestore(const std::string& backup_dir, const Options& options);

  /// Throws ValueError for a backup that is damaged or belongs to another model, with double_checkpoint only when the
  /// one before is no better.
  void on_train_begin() override;
  void on_train_batch_end(int batch, const Logs& logs) override;
  void on_epoch_end(int epoch, const Logs& logs) override;
  void on_train_end(const Logs& logs) override;

 private:
  void restore();
  void save() const;
  std::string folder_, weights_, metadata_;  // the folder, and its files
  Options options_;
};

}  // namespace callbacks
}  // namespace kerata

#pragma GCC visibility pop
