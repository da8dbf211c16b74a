// A training that is killed again and again ends with the weights of one that was not.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "kerata/kerata.h"
#include "support/temporary_folder.h"
#include "training/small_models.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFolder = "KERATA_BACKUP_FOLDER";
constexpr int kEpochs = 60;

/// With random numbers in its layers, and an optimizer with slots.
Model noisy_model() {
  using namespace layers;
  Sequential model({Input({4}), Dense(8, {.activation = "tanh"}), Dropout(0.5), Dense(1)});
  test::set_fixed_weights(model);
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

Model trained(const std::vector<AnyCallback>& callbacks, int seed) {
  utils::set_random_seed(seed);
  Model model = noisy_model();
  const test::Data data = test::regression_data();
  model.fit(data.x, data.y, {.batch_size = 4, .epochs = kEpochs, .verbose = 0, .callbacks = callbacks});
  return model;
}

// What the killed processes run. Seeds: that of the first start counts, the others come with the backup.
void train_in(const fs::path& place) {
  const bool is_first = !fs::exists(place / "backup" / "latest.weights.h5");
  const Model model = trained({callbacks::BackupAndRestore((place / "backup").string())}, is_first ? 1 : 99);
  model.save_weights((place / "done.weights.h5").string());
}

/// This program again, so that no thread of the test lives in the child.
pid_t start(const std::string& folder) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv(kFolder, folder.c_str(), 1);
  ::execl("/proc/self/exe", "backup_kill_test", static_cast<char*>(nullptr));
  ::_exit(127);
}

/// Waits until the file is there and no longer as it was; false when the child has ended before.
bool wait_for_backup(const fs::path& file, pid_t child, int& status) {
  std::error_code error;
  const fs::file_time_type before = fs::last_write_time(file, error);
  for (;;) {
    const fs::file_time_type now = fs::last_write_time(file, error);
    if (!error && now != before) return true;
    if (::waitpid(child, &status, WNOHANG) == child) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

TEST(BackupKill, GoesOnAsIfNothingHadHappened) {
  const Model whole = trained({}, 1);
  const TemporaryFolder folder;
  const fs::path weights = folder.path() / "backup" / "latest.weights.h5", done = folder.path() / "done.weights.h5";
  std::mt19937 random(1);
  int kills = 0, status = 0;
  for (bool ended = false; !ended;) {
    const pid_t child = start(folder.path().string());
    ASSERT_GT(child, 0);
    ended = !wait_for_backup(weights, child, status);
    if (ended) break;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ended = WIFEXITED(status);
    kills += !ended;
    ASSERT_LE(kills, 3 * kEpochs);
  }
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_GE(kills, 10);
  Model last = noisy_model();
  last.load_weights(done.string());
  EXPECT_EQ(test::weight_distance(last.get_weights(), whole.get_weights()), 0);
}

}  // namespace
}  // namespace kerata

int main(int argc, char** argv) {
  if (const char* folder = std::getenv(kerata::kFolder)) {
    kerata::train_in(folder);
    return 0;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
