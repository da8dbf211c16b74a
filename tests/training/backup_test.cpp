// BackupAndRestore: an interrupted training that goes on has the figures of one that was not.
#include <fstream>
#include <sstream>

#include "kerata/kerata.h"
#include "support/temporary_folder.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
namespace fs = std::filesystem;
using callbacks::BackupAndRestore;

struct Interrupt {};

/// Throws after a batch (both counted from 0).
class Interrupter : public Callback {
 public:
  Interrupter(int epoch, int batch) : epoch_(epoch), batch_(batch) {}
  void on_epoch_begin(int epoch) override { now_ = epoch; }
  void on_train_batch_end(int batch, const Logs&) override {
    if (now_ == epoch_ && batch == batch_) throw Interrupt();
  }

 private:
  int epoch_, batch_, now_ = 0;
};

/// With random numbers in its layers, and an optimizer with slots.
Model noisy_model() {
  using namespace layers;
  Sequential model({Input({4}), Dense(8, {.activation = "tanh"}), Dropout(0.5), Dense(1)});
  set_fixed_weights(model);
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  return model;
}

class Backup : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  History fit(Model& model, std::vector<AnyCallback> callbacks, FitOptions options = {}) {
    options.batch_size = 4;
    options.epochs = 6;
    options.verbose = 0;
    options.callbacks = std::move(callbacks);
    return model.fit(data_.x, data_.y, options);
  }
  void interrupt(Model& model, int epoch, int batch, const BackupAndRestore::Options& options = {},
                 const FitOptions& fit_options = {}) {
    EXPECT_THROW(fit(model, {BackupAndRestore(at("backup"), options), Interrupter(epoch, batch)}, fit_options),
                 Interrupt);
  }
  std::string metadata() const {
    std::ostringstream text;
    text << std::ifstream(at("backup/training_metadata.json")).rdbuf();
    return text.str();
  }
  const Data data_ = regression_data();
  TemporaryFolder folder_;
};

TEST_F(Backup, GoesOnAsIfNothingHadHappened) {
  for (const Dim steps_per_epoch : {-1, 3}) {  // 5 batches of data: with 3 an epoch ends inside of a pass
    const FitOptions options{.steps_per_epoch = steps_per_epoch};
    utils::set_random_seed(1);
    Model whole = noisy_model();
    const History expected = fit(whole, {}, options);

    utils::set_random_seed(1);
    Model first = noisy_model();
    interrupt(first, 3, 1, {}, options);
    EXPECT_TRUE(fs::exists(at("backup/latest.weights.h5")));
    EXPECT_TRUE(metadata().starts_with("{\"epoch\": 3, \"batch\": 0, ")) << metadata();

    utils::set_random_seed(99);  // another process, another seed
    Model second = noisy_model();
    const History rest = fit(second, {BackupAndRestore(at("backup"))}, options);
    EXPECT_EQ(rest.epoch, (std::vector<int>{3, 4, 5}));
    for (const auto& [name, values] : expected.history)
      EXPECT_EQ(rest[name], std::vector<double>(values.begin() + 3, values.end())) << name;
    EXPECT_EQ(weight_distance(second.get_weights(), whole.get_weights()), 0);
    EXPECT_FALSE(fs::exists(at("backup")));
  }
}

TEST_F(Backup, KilledBetweenItsTwoFilesItKnowsTheEpochOfTheWeights) {
  utils::set_random_seed(1);
  Model whole = noisy_model();
  const History expected = fit(whole, {});
  for (const char* old_metadata : {"{\"epoch\": 2, \"batch\": 0, \"order_pass\": 2}", ""}) {
    utils::set_random_seed(1);
    Model first = noisy_model();
    interrupt(first, 3, 1);
    fs::remove(at("backup/training_metadata.json"));
    if (*old_metadata) folder_.write("backup/training_metadata.json", old_metadata);
    Model second = noisy_model();
    const History rest = fit(second, {BackupAndRestore(at("backup"))});
    EXPECT_EQ(rest.epoch, (std::vector<int>{3, 4, 5}));
    EXPECT_EQ(rest["loss"], std::vector<double>(expected["loss"].begin() + 3, expected["loss"].end()));
    EXPECT_EQ(weight_distance(second.get_weights(), whole.get_weights()), 0);
  }
}

TEST_F(Backup, BeginsAnInterruptedEpochAgain) {
  Model first = noisy_model();
  interrupt(first, 2, 3, {.save_freq = 2});  // the last save: after batch 13, the fourth of epoch 2
  const std::string text = metadata();
  EXPECT_TRUE(text.starts_with("{\"epoch\": 2, \"batch\": 3, ")) << text;
  Model second = noisy_model();
  class Weights : public Callback {
   public:
    void on_epoch_begin(int epoch) override {
      if (weights.empty()) weights = model().get_weights(), first_epoch = epoch;
    }
    Tensors weights;
    int first_epoch = -1;
  } seen;
  fit(second, {BackupAndRestore(at("backup")), seen});
  EXPECT_EQ(seen.first_epoch, 2);
  EXPECT_EQ(weight_distance(seen.weights, first.get_weights()), 0);
}

TEST_F(Backup, LeavesTheBackupWhenAsked) {
  Model model = noisy_model();
  fit(model, {BackupAndRestore(at("backup"), {.delete_checkpoint = false})});
  EXPECT_TRUE(metadata().starts_with("{\"epoch\": 6, "));
  EXPECT_TRUE(fit(model, {BackupAndRestore(at("backup"))}).epoch.empty());  // there is nothing left to do
}

TEST_F(Backup, RemovesNothingOfOthers) {
  folder_.write("backup/notes.txt", "mine");
  Model model = noisy_model();
  fit(model, {BackupAndRestore(at("backup"), {.double_checkpoint = true})});
  EXPECT_EQ(std::distance(fs::directory_iterator(at("backup")), fs::directory_iterator()), 1);
}

TEST_F(Backup, FallsBackToTheBackupBefore) {
  Model first = noisy_model();
  interrupt(first, 3, 0, {.double_checkpoint = true});
  EXPECT_TRUE(fs::exists(at("backup/latest.weights.h5.bkp")));
  EXPECT_TRUE(fs::exists(at("backup/training_metadata.json.bkp")));
  fs::resize_file(at("backup/latest.weights.h5"), 1000);
  Model second = noisy_model();
  EXPECT_EQ(fit(second, {BackupAndRestore(at("backup"), {.double_checkpoint = true})}).epoch,
            (std::vector<int>{2, 3, 4, 5}));
}

TEST_F(Backup, RefusesADamagedBackup) {
  Model first = noisy_model();
  interrupt(first, 3, 0);
  Model second = noisy_model();
  const Tensors before = second.get_weights();
  const auto go_on = [&] { fit(second, {BackupAndRestore(at("backup"))}); };
  const std::string path = at("backup/training_metadata.json");
  for (const char* text : {"{\"batch\": 0}", "{\"epoch\": -1}", "{\"epoch\": 1.5}", "[3]", "{\"epoch\": 1e300}"}) {
    folder_.write("backup/training_metadata.json", text);
    EXPECT_ERROR(ValueError, go_on(), "[BackupAndRestore] " + path + " names no epoch. Expected {\"epoch\": 3, ...}.");
  }
  folder_.write("backup/training_metadata.json", "{\"epoch\": 3, \"order_key\": \"x\"}");
  EXPECT_ERROR(ValueError, go_on(), "[BackupAndRestore] " + path + " has a order_key that is no integer.");
  folder_.write("backup/training_metadata.json", std::string(100000, ' '));
  EXPECT_ERROR(ValueError, go_on(),
               "[BackupAndRestore] " + path + " is no metadata of a backup: it is 100000 bytes long.");
  folder_.write("backup/training_metadata.json", "{\"epoch\": 3}");
  fs::resize_file(at("backup/latest.weights.h5"), 1000);
  EXPECT_ERROR_WITH(ValueError, go_on(), at("backup/latest.weights.h5"));
  EXPECT_EQ(weight_distance(second.get_weights(), before), 0);
}

TEST_F(Backup, ReadsTheFilesOfKeras) {  // whose weights say nothing of the epoch
  Model first = noisy_model();
  interrupt(first, 3, 0);
  first.save_weights(at("backup/latest.weights.h5"));
  folder_.write("backup/training_metadata.json", "{\"epoch\": 4, \"batch\": 0}");
  Model second = noisy_model();
  EXPECT_EQ(fit(second, {BackupAndRestore(at("backup"))}).epoch, (std::vector<int>{4, 5}));
}

TEST_F(Backup, SaysWhatItCannotRemoveOrMake) {
  Model model = noisy_model();
  folder_.write("file", "");
  EXPECT_ERROR_WITH(BackendError, fit(model, {BackupAndRestore(at("file/backup"))}),
                    "[BackupAndRestore] Cannot make the folder " + at("file/backup") + ": ");
  const std::string kept = at("backup/training_metadata.json.bkp");
  folder_.write("backup/training_metadata.json.bkp/mine", "");  // a folder that is not empty
  EXPECT_ERROR_WITH(BackendError, fit(model, {BackupAndRestore(at("backup"))}),
                    "[BackupAndRestore] Cannot remove " + kept + ": ");
}

TEST_F(Backup, RefusesAnEmptyPath) {
  EXPECT_ERROR(ValueError, BackupAndRestore(""), "[BackupAndRestore] Empty `backup_dir` argument passed.");
}

}  // namespace
}  // namespace kerata
