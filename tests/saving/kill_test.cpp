// A process that is killed while it saves leaves the old file or the new one.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "kerata/kerata.h"
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/ops/creation.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;

Model small_model() {
  using layers::Dense;
  Sequential model({Input({8}), Dense(64), Dense(64), Dense(1)});
  return model;
}

/// Every weight has the same value: a file with two of them would be half of one save and half of another.
void set_all(const Model& model, float value) {
  std::vector<Tensor> values;
  for (const Tensor& w : model.get_weights()) values.push_back(ops::full(w.shape(), value));
  model.set_weights(values);
}

void save(const Model& model, const std::string& path) {
  constexpr double kShard = 17e3 / (1 << 30);  // in GB: six arrays in two shards
  if (path.ends_with(".weights.json"))
    model.save_weights(path, {.max_shard_size = kShard});
  else
    model.save(path);
}

Model load(const std::string& path) {
  if (!path.ends_with(".weights.json")) return load_model(path, {.compile = false});
  Model model = small_model();
  model.load_weights(path);
  return model;
}

/// Saves in a loop with growing values, until somebody kills this process.
[[noreturn]] void save_forever(const std::string& path) {
  Model model = small_model();
  for (int value = 1;; ++value) {
    set_all(model, static_cast<float>(value));
    save(model, path);
  }
}

/// The value that all weights have; -1 when they differ.
float value_of(const Model& model) {
  std::optional<float> value;
  for (const Tensor& w : model.get_weights()) {
    for (const float element : w.to_vector<float>()) {
      if (value && *value != element) return -1;
      value = element;
    }
  }
  return value.value_or(-1);
}

/// This program again, so that no thread of the test lives in the child.
pid_t start(const std::string& path) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv("KERATA_SAVE_FOREVER", path.c_str(), 1);
  ::execl("/proc/self/exe", "kill_test", static_cast<char*>(nullptr));
  ::_exit(127);
}

/// Kills a process while it saves, so many times; returns how often it was in the middle.
int kill_while_saving(const std::string& name, int times) {
  const TemporaryFolder folder;
  const std::string path = folder.file(name);
  std::mt19937 random(1);
  int hits = 0;
  Model model = small_model();
  set_all(model, 0);
  save(model, path);
  for (int i = 0; i < times; ++i) {
    const fs::file_time_type before = fs::last_write_time(path);
    const pid_t child = start(path);
    if (child <= 0) {
      ADD_FAILURE() << "no process";
      return hits;
    }
    while (fs::last_write_time(path) == before) std::this_thread::sleep_for(std::chrono::microseconds(200));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    ::kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    EXPECT_GE(value_of(load(path)), 1) << name << ", round " << i;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().extension() != ".tmp") continue;
      ++hits;
      fs::remove(entry.path());
    }
  }
  return hits;
}

constexpr int kTimes = 100;

TEST(Kill, LeavesAWholeFile) {
  EXPECT_GT(kill_while_saving("model.keras", kTimes) + kill_while_saving("model.h5", kTimes), kTimes / 2)
      << "the test does not hit the moment";
}

TEST(Kill, LeavesAWholeSetOfShards) {
  EXPECT_GT(kill_while_saving("model.weights.json", kTimes), kTimes / 4) << "the test does not hit the moment";
}

}  // namespace
}  // namespace kerata

int main(int argc, char** argv) {
  if (const char* path = std::getenv("KERATA_SAVE_FOREVER")) kerata::save_forever(path);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
