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

/// Saves in a loop with growing values, until somebody kills this process.
[[noreturn]] void save_forever(const std::string& path) {
  Model model = small_model();
  for (int value = 1;; ++value) {
    set_all(model, static_cast<float>(value));
    model.save(path);
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

TEST(Kill, LeavesAWholeFile) {
  constexpr int kTimes = 200;
  const TemporaryFolder folder;
  std::mt19937 random(1);
  float last = 0;
  int killed_while_saving = 0;
  for (const char* name : {"model.keras", "model.h5"}) {
    const std::string path = (folder.path() / name).string();
    Model model = small_model();
    set_all(model, 0);
    model.save(path);
    for (int i = 0; i < kTimes / 2; ++i) {
      const fs::file_time_type before = fs::last_write_time(path);
      const pid_t child = start(path);
      ASSERT_GT(child, 0);
      while (fs::last_write_time(path) == before) std::this_thread::sleep_for(std::chrono::microseconds(200));
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
      ::kill(child, SIGKILL);
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
      last = value_of(load_model(path, {.compile = false}));
      ASSERT_GE(last, 1) << name << ", round " << i;
      for (const fs::directory_entry& entry : fs::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".tmp") continue;
        ++killed_while_saving;
        fs::remove(entry.path());
      }
    }
  }
  EXPECT_GT(killed_while_saving, kTimes / 4) << "the test does not hit the moment";
}

}  // namespace
}  // namespace kerata

int main(int argc, char** argv) {
  if (const char* path = std::getenv("KERATA_SAVE_FOREVER")) kerata::save_forever(path);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
