#include "kerata/training/backup_and_restore.h"

#include <climits>
#include <filesystem>

#include "core/require.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "kerata/models/model.h"
#include "saving/json.h"
#include "saving/model_weights.h"
#include "training/trainer_state.h"

namespace kerata::callbacks {
namespace {

namespace fs = std::filesystem;
using training::FitProgress;
constexpr std::string_view kWhere = "BackupAndRestore";
constexpr const char* kPrevious = ".bkp";
/// The metadata stands in the weights file too, as a note: a training that is killed between the two files has weights
/// that know their epoch.
constexpr const char* kNote = "training_metadata";

/// Integers of the metadata beside the epoch, which is all that Keras knows of.
constexpr std::pair<const char*, std::uint64_t FitProgress::*> kFields[] = {{"order_key", &FitProgress::order_key},
                                                                            {"order_pass", &FitProgress::order_pass},
                                                                            {"order_batch", &FitProgress::order_batch},
                                                                            {"random_key", &FitProgress::random_key},
                                                                            {"random_step", &FitProgress::random_step}};

bool exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  require<BackendError>(!error, kWhere, "Cannot remove ", path.string(), ": ", error.message(), ".");
}

std::string read_metadata(const std::string& path) {
  constexpr std::uint64_t kLargest = 1 << 16;
  const files::InputFile file(path);
  require<ValueError>(file.size() <= kLargest, kWhere, path, " is no metadata of a backup: it is ", file.size(),
                      " bytes long.");
  return file.read_at(0, static_cast<std::size_t>(file.size()));
}

/// A backup of Keras holds the epoch only: the rest stays as it is.
FitProgress parse_progress(const std::string& text, const std::string& path, FitProgress progress) {
  const Config config = saving::parse_json(text, path);
  const Config* epoch = config.is_object() ? config.find("epoch") : nullptr;
  require<ValueError>(epoch && epoch->is_integer() && epoch->as_integer() >= 0 && epoch->as_integer() < INT_MAX, kWhere,
                      path, " names no epoch. Expected {\"epoch\": 3, ...}.");
  progress.epoch = static_cast<int>(epoch->as_integer());
  for (const auto& [name, field] : kFields) {
    const Config* value = config.find(name);
    require<ValueError>(!value || value->is_integer(), kWhere, path, " has a ", name, " that is no integer.");
    if (value) progress.*field = static_cast<std::uint64_t>(value->as_integer());
  }
  return progress;
}

}  // namespace

BackupAndRestore::BackupAndRestore(const std::string& backup_dir) : BackupAndRestore(backup_dir, Options{}) {}
BackupAndRestore::BackupAndRestore(const std::string& backup_dir, const Options& options)
    : folder_(backup_dir), options_(options) {
  require<ValueError>(!backup_dir.empty(), kWhere, "Empty `backup_dir` argument passed.");
  weights_ = (fs::path(folder_) / "latest.weights.h5").string();
  metadata_ = (fs::path(folder_) / "training_metadata.json").string();
}

void BackupAndRestore::on_train_begin() {
  try {
    restore();
  } catch (const Error&) {
    if (!exists(weights_ + kPrevious)) throw;
    files::copy_atomically(weights_ + kPrevious, weights_);
    if (exists(metadata_ + kPrevious))
      files::copy_atomically(metadata_ + kPrevious, metadata_);
    else
      remove_file(metadata_);
    restore();
  }
}

void BackupAndRestore::restore() {
  if (!exists(weights_)) return;
  training::TrainerState& state = training::state_of(model().impl());
  std::optional<FitProgress> progress;
  if (exists(metadata_)) progress = parse_progress(read_metadata(metadata_), metadata_, state.progress);
  const std::optional<std::string> note = saving::Hdf5Reader({.path = weights_}).text_attribute("", kNote);
  if (note) progress = parse_progress(*note, weights_, state.progress);
  model().load_weights(weights_);
  state.resume = progress;
}

void BackupAndRestore::on_train_batch_end(int batch, const Logs&) {
  if (options_.save_freq.is_due(batch)) save();
}

void BackupAndRestore::on_epoch_end(int, const Logs&) {
  if (options_.save_freq.is_epoch()) save();
}

void BackupAndRestore::save() const {
  std::error_code error;
  fs::create_directories(folder_, error);
  require<BackendError>(!error, kWhere, "Cannot make the folder ", folder_, ": ", error.message(), ".");
  if (options_.double_checkpoint) {
    for (const std::string& file : {weights_, metadata_})
      if (exists(file)) files::copy_atomically(file, file + kPrevious);
  }
  const FitProgress& progress = training::state_of(model().impl()).progress;
  Config::Object metadata{{"epoch", progress.epoch}, {"batch", options_.save_freq.last_batch()}};
  for (const auto& [name, field] : kFields) metadata.emplace_back(name, progress.*field);
  const std::string text = saving::to_json(Config(std::move(metadata)));
  saving::save_weights_file(model().impl(), weights_, saving::Note{kNote, text});
  files::write_atomically(metadata_, text);
}

void BackupAndRestore::on_train_end(const Logs&) {
  if (!options_.delete_checkpoint) return;
  for (const std::string& file : {weights_, metadata_}) {
    remove_file(file);
    remove_file(file + kPrevious);
  }
  std::error_code ignored;
  fs::remove(folder_, ignored);  // unless it holds files of somebody else
}

}  // namespace kerata::callbacks
