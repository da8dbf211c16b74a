#include "kerata/training/model_checkpoint.h"

#include <filesystem>

#include "core/require.h"
#include "kerata/models/model.h"
#include "training/monitor.h"
#include "training/path_format.h"
#include "training/progress_bar.h"

namespace kerata::callbacks {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kWhere = "ModelCheckpoint";

/// With the file's name in it, when the path is a folder.
std::string file_path(const std::string& path, bool weights_only) {
  const std::string literals = training::PathFormat(path, kWhere).literals();
  const std::string last = literals.substr(literals.rfind('/') + 1);
  if (!path.empty() && last.find('.') == std::string::npos)
    return path + (path.ends_with('/') ? "" : "/") + (weights_only ? "model.weights.h5" : "model.keras");
  const bool fits = weights_only
                        ? path.ends_with(".weights.h5") || path.ends_with(".npz") || path.ends_with(".safetensors")
                        : path.ends_with(".keras") || path.ends_with(".h5");
  require<ValueError>(
      fits, kWhere, "The filepath provided must end in ",
      weights_only ? "`.weights.h5`, `.npz` or `.safetensors` with save_weights_only" : "`.keras` or `.h5`",
      ", or be a folder (a name without a dot). Received: filepath=", path);
  return path;
}

std::string five_digits(std::optional<double> value) {
  training::NumberFormat format;
  format.precision = 5;
  format.type = 'f';
  return value ? training::format_number(format, *value, kWhere) : "None";
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(const std::string& filepath) : ModelCheckpoint(filepath, Options{}) {}
ModelCheckpoint::ModelCheckpoint(const std::string& filepath, const Options& options)
    : path_(file_path(filepath, options.save_weights_only)),
      options_(options),
      best_(options.initial_value_threshold) {}

void ModelCheckpoint::on_epoch_begin(int epoch) { epoch_ = epoch; }

void ModelCheckpoint::on_train_batch_end(int batch, const Logs& logs) {
  if (options_.save_freq.is_due(batch)) save(epoch_, batch, logs);
}

void ModelCheckpoint::on_epoch_end(int epoch, const Logs& logs) {
  if (options_.save_freq.is_epoch()) save(epoch, std::nullopt, logs);
}

void ModelCheckpoint::say(int epoch, const std::string& text) const {
  if (options_.verbose > 0) training::print_text("\nEpoch " + std::to_string(epoch + 1) + ": " + text + "\n");
}

bool ModelCheckpoint::should_save(int epoch, const Logs& logs, const std::string& path) {
  if (!options_.save_best_only) {
    say(epoch, "saving model to " + path);
    return true;
  }
  if (!logs.contains(options_.monitor)) {
    training::print_warning("Can save best model only with " + options_.monitor + " available.");
    return true;
  }
  const double current = logs[options_.monitor];
  const bool larger = training::larger_is_better(options_.mode, options_.monitor, model(), kWhere);
  if (best_ && !(larger ? current > *best_ : current < *best_)) {
    say(epoch, options_.monitor + " did not improve from " + five_digits(best_));
    return false;
  }
  say(epoch, options_.monitor + " improved from " + five_digits(best_) + " to " + five_digits(current) +
                 ", saving model to " + path);
  best_ = current;
  return true;
}

void ModelCheckpoint::save(int epoch, std::optional<int> batch, const Logs& logs) {
  if (batch) ++*batch;
  const std::string path = training::PathFormat(path_, kWhere).fill(epoch + 1, batch, logs);
  if (!should_save(epoch, logs, path)) return;
  std::error_code error;
  require<ValueError>(
      !fs::is_directory(path, error), kWhere,
      "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: ", path);
  const fs::path folder = fs::path(path).parent_path();
  error.clear();
  if (!folder.empty()) fs::create_directories(folder, error);
  require<BackendError>(!error, kWhere, "Cannot make the folder ", folder.string(), ": ", error.message(), ".");
  if (options_.save_weights_only)
    model().save_weights(path);
  else
    model().save(path);
  say(epoch, "finished saving model to " + path);
}

}  // namespace kerata::callbacks
