// ModelCheckpoint in fit(), and what it refuses.
#include <filesystem>

#include "kerata/kerata.h"
#include "support/temporary_folder.h"
#include "training/path_format.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
namespace fs = std::filesystem;
using callbacks::ModelCheckpoint;

class Checkpoint : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  TemporaryFolder folder_;
};

TEST_F(Checkpoint, KeepsTheBestModel) {
  Model model = regression_model("adam");
  const Data data = regression_data();
  ModelCheckpoint checkpoint(at("best.keras"), {.monitor = "loss", .save_best_only = true});
  const History history =
      model.fit(data.x, data.y, {.epochs = 4, .verbose = 0, .callbacks = {checkpoint}, .shuffle = false});
  EXPECT_EQ(checkpoint.best(), *std::min_element(history["loss"].begin(), history["loss"].end()));
  Model loaded = load_model(at("best.keras"));
  EXPECT_EQ(weight_distance(loaded.get_weights(), model.get_weights()), 0);  // the last epoch was the best
  EXPECT_TRUE(loaded.compiled());
}

TEST_F(Checkpoint, WritesIntoAFolder) {
  Model model = regression_model();
  const Data data = regression_data();
  const std::string folder = at("my_checkpoints"), weights = at("weights/");
  model.fit(data.x, data.y,
            {.epochs = 2,
             .verbose = 0,
             .callbacks = {ModelCheckpoint(folder, {.monitor = "loss", .save_best_only = true}),
                           ModelCheckpoint(weights, {.save_weights_only = true}),
                           ModelCheckpoint(at("run-{epoch}-{loss:.2f}"))}});
  EXPECT_TRUE(fs::exists(folder + "/model.keras"));
  EXPECT_TRUE(fs::exists(weights + "model.weights.h5"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 4);
  EXPECT_EQ(weight_distance(load_model(folder).get_weights(), model.get_weights()), 0);
  Model other = regression_model();
  other.load_weights(weights + "model.weights.h5");
  EXPECT_EQ(weight_distance(other.get_weights(), model.get_weights()), 0);
}

TEST_F(Checkpoint, SavesWeightsInOtherFormats) {
  Model model = regression_model();
  const Data data = regression_data();
  model.fit(data.x, data.y,
            {.verbose = 0,
             .callbacks = {ModelCheckpoint(at("w.npz"), {.save_weights_only = true}),
                           ModelCheckpoint(at("w.safetensors"), {.save_weights_only = true})}});
  for (const char* name : {"w.npz", "w.safetensors"}) {
    Model other = regression_model();
    other.load_weights(at(name));
    EXPECT_EQ(weight_distance(other.get_weights(), model.get_weights()), 0) << name;
  }
}

TEST_F(Checkpoint, SavesByBatches) {
  Model model = regression_model();
  const Data data = regression_data(20);  // 5 batches of 4
  model.fit(
      data.x, data.y,
      {.batch_size = 4,
       .epochs = 2,
       .verbose = 0,
       .callbacks = {ModelCheckpoint(at("{epoch}-{batch}.weights.h5"), {.save_weights_only = true, .save_freq = 3})}});
  EXPECT_TRUE(fs::exists(at("1-3.weights.h5")));
  EXPECT_TRUE(fs::exists(at("2-1.weights.h5")));  // the sixth batch
  EXPECT_TRUE(fs::exists(at("2-4.weights.h5")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 3);
}

TEST_F(Checkpoint, RefusesOtherEndings) {
  EXPECT_ERROR(
      ValueError, ModelCheckpoint("model.hdf5"),
      "[ModelCheckpoint] The filepath provided must end in `.keras` or `.h5`, or be a folder (a name without a "
      "dot). Received: filepath=model.hdf5");
  EXPECT_ERROR(
      ValueError, ModelCheckpoint("{loss:.2f}.tf"),
      "[ModelCheckpoint] The filepath provided must end in `.keras` or `.h5`, or be a folder (a name without a "
      "dot). Received: filepath={loss:.2f}.tf");
  EXPECT_ERROR(ValueError, ModelCheckpoint("model.keras", {.save_weights_only = true}),
               "[ModelCheckpoint] The filepath provided must end in `.weights.h5`, `.npz` or `.safetensors` with "
               "save_weights_only, or be a folder (a name without a dot). Received: filepath=model.keras");
  EXPECT_ERROR_WITH(ValueError, ModelCheckpoint(""), "Received: filepath=");
  EXPECT_ERROR(ValueError, ModelCheckpoint("a", {.save_freq = 0}),
               "[SaveFrequency] save_freq must be \"epoch\" or at least 1 batch. Received 0.");
}

TEST_F(Checkpoint, RefusesFieldsThatPythonRefuses) {
  EXPECT_ERROR(
      ValueError, ModelCheckpoint("{epoch.keras"),
      "[ModelCheckpoint] The path \"{epoch.keras\" has a single {. Hint: double it, unless it belongs to a field as "
      "{epoch}.");
  EXPECT_ERROR_WITH(ValueError, ModelCheckpoint("epoch}.keras"), "has a single }.");
  for (const char* field : {"{}", "{epoch!r}", "{logs[loss]}", "{a.b}"})
    EXPECT_ERROR_WITH(ValueError, ModelCheckpoint(std::string(field) + ".keras"), "Expected the name of a figure");
  for (const char* format : {"02x", ",", "2.", "z", "2d2", "300d", ".101f", "{width"})
    EXPECT_ERROR(ValueError, ModelCheckpoint(std::string("{epoch:") + format + "}.keras"),
                 std::string("[ModelCheckpoint] Invalid format specifier \"") + format +
                     "\". Expected one of Python's for numbers, as 02d or .2f.");
}

TEST_F(Checkpoint, NamesAFigureThatIsNotThere) {
  Model model = regression_model();
  const Data data = regression_data();
  const auto fit = [&](const std::string& path) {
    model.fit(data.x, data.y, {.verbose = 0, .callbacks = {ModelCheckpoint(at(path))}});
  };
  EXPECT_ERROR(ValueError, fit("{val_f1:.2f}.keras"),
               "[ModelCheckpoint] Failed to format this callback filepath: \"" + at("{val_f1:.2f}.keras") +
                   "\". Reason: there is no 'val_f1'. Expected one of: epoch, loss, mae.");
  EXPECT_ERROR(
      ValueError, fit("{loss:d}.keras"),
      "[ModelCheckpoint] Unknown format code 'd' for a number with a fraction. Expected .2f, .3e and the like.");
  EXPECT_ERROR(ValueError, fit("{epoch:.2d}.keras"),
               "[ModelCheckpoint] Precision not allowed in integer format specifier.");
  fs::create_directory(at("folder.keras"));
  EXPECT_ERROR(ValueError, fit("folder.keras"),
               "[ModelCheckpoint] Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an "
               "existing directory: " +
                   at("folder.keras"));
  folder_.write("file", "");
  EXPECT_ERROR_WITH(BackendError, fit("file/a.keras"),
                    "[ModelCheckpoint] Cannot make the folder " + at("file") + ": Not a directory.");
}

TEST_F(Checkpoint, NeedsAModeForOtherFigures) {
  Model model = regression_model();
  const Data data = regression_data();
  class Figure : public Callback {
    void on_epoch_end(int, const Logs& logs) override { logs.set("figure", 1); }
  };
  EXPECT_ERROR(
      ValueError,
      model.fit(data.x, data.y,
                {.verbose = 0,
                 .callbacks = {Figure(), ModelCheckpoint(at("a"), {.monitor = "figure", .save_best_only = true})}}),
      "[ModelCheckpoint] Cannot tell whether \"figure\" should become larger or smaller. Hint: set .mode = \"max\" "
      "or \"min\".");
}

}  // namespace
}  // namespace kerata
