// ModelCheckpoint beside Keras's: the same made-up logs give the same files and messages.
#include <cstdlib>
#include <filesystem>

#include "support/golden.h"
#include "support/temporary_folder.h"
#include "training/path_format.h"
#include "training/small_models.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;
using callbacks::ModelCheckpoint;
using callbacks::SaveFrequency;
using golden::Json;

/// Paths of the runs are relative, as they stand in the messages.
class InFolder {
 public:
  explicit InFolder(const fs::path& path) : before_(fs::current_path()) { fs::current_path(path); }
  ~InFolder() { fs::current_path(before_); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  fs::path before_;
};

double number(const Json& value) { return value == "-0.0" ? -0.0 : golden::number(value); }

Logs logs_of(const Json& values) {
  Logs logs;
  for (const auto& [name, value] : values.items()) logs.set(name, number(value));
  return logs;
}

ModelCheckpoint::Options options_of(const Json& json) {
  ModelCheckpoint::Options options;
  options.monitor = json.value("monitor", options.monitor);
  options.verbose = json.value("verbose", options.verbose);
  options.save_best_only = json.value("save_best_only", false);
  options.save_weights_only = json.value("save_weights_only", false);
  options.mode = Choice<MonitorMode>::parse(json.value("mode", std::string("auto")));
  if (json.contains("save_freq")) options.save_freq = json["save_freq"].get<int>();
  if (json.contains("initial_value_threshold"))
    options.initial_value_threshold = json["initial_value_threshold"].get<double>();
  return options;
}

std::vector<std::string> files() {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator("."))
    if (entry.is_regular_file()) found.push_back(entry.path().lexically_normal().string());
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether the hooks of the epoch raised no error.
bool run_epoch(ModelCheckpoint& checkpoint, int epoch, int batches, const Logs& logs) {
  try {
    checkpoint.on_epoch_begin(epoch);
    for (int batch = 0; batch < batches; ++batch) checkpoint.on_train_batch_end(batch, logs);
    checkpoint.on_epoch_end(epoch, logs);
  } catch (const ValueError&) {
    return false;
  }
  return true;
}

TEST(CheckpointGolden, FilesAndMessages) {
  Model model = test::class_model();
  for (const Json& run : golden::open("checkpoints")["runs"]) {
    const std::string name = run["name"].get<std::string>();
    const TemporaryFolder folder;
    const InFolder here(folder.path());
    ModelCheckpoint checkpoint(run["filepath"].get<std::string>(), options_of(run["options"]));
    checkpoint.set_model(&model);
    bool fails = false;
    int epoch = 0;
    for (const Json& expected : run["epochs"]) {
      ::testing::internal::CaptureStdout();
      ::testing::internal::CaptureStderr();
      fails = !run_epoch(checkpoint, epoch++, run["batches"].get<int>(), logs_of(expected["logs"]));
      EXPECT_EQ(::testing::internal::GetCapturedStdout(), expected["text"].get<std::string>()) << name;
      std::string warnings;
      for (const Json& warning : expected["warnings"]) warnings += "Warning: " + warning.get<std::string>() + "\n";
      EXPECT_EQ(::testing::internal::GetCapturedStderr(), warnings) << name;
      EXPECT_EQ(files(), expected["files"].get<std::vector<std::string>>()) << name << ", epoch " << epoch;
    }
    EXPECT_EQ(fails, run["fails"].get<bool>()) << name;
  }
}

TEST(CheckpointGolden, NumbersAsPythonWritesThem) {
  for (const Json& each : golden::open("checkpoints")["formats"]) {
    const std::string format = each["format"].get<std::string>();
    const double value = number(each["value"]);
    const auto write = [&] {
      const training::NumberFormat parsed = training::parse_number_format(format, "test");
      return each["is_integer"].get<bool>() ? training::format_integer(parsed, static_cast<long long>(value), "test")
                                            : training::format_number(parsed, value, "test");
    };
    if (each["text"].is_null())
      EXPECT_THROW(write(), ValueError) << format << " of " << value;
    else
      EXPECT_EQ(write(), each["text"].get<std::string>()) << format << " of " << value;
  }
}

TEST(CheckpointGolden, PathsWithFields) {
  Logs logs;
  logs.set("loss", 0.125);
  for (const Json& each : golden::open("checkpoints")["paths"]) {
    const std::string path = each["path"].get<std::string>();
    EXPECT_EQ(training::PathFormat(path, "test").fill(3, 12, logs), each["text"].get<std::string>()) << path;
  }
}

}  // namespace
}  // namespace kerata
