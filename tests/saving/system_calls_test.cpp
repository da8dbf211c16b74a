// The order of system calls while a file is saved: the functions below stand in front of the C library's, also for the
// HDF5 library, write down what they are asked for, and ask the system.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <string>
#include <vector>

#include "files/atomic_file.h"
#include "files/file_io.h"
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/plot/plot_model.h"
#include "kerata/utils/text_file.h"
#include "support/temporary_folder.h"

namespace trace {

struct Call {
  std::string name, path, target;
};
bool is_on = false;
std::vector<Call>& calls() {
  static std::vector<Call> list;
  return list;
}
void note(const char* name, const std::string& path, const std::string& target = {}) {
  if (is_on) calls().push_back({name, path, target});
}
std::string path_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = ::readlink(link.c_str(), path, sizeof path);
  return length < 0 ? "?" : std::string(path, static_cast<std::size_t>(length));
}

}  // namespace trace

extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  trace::note("write", trace::path_of(descriptor));
  return ::syscall(SYS_write, descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
  trace::note("write", trace::path_of(descriptor));
  return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, std::size_t count, off_t offset) {
  trace::note("write", trace::path_of(descriptor));
  return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
int fsync(int descriptor) {
  trace::note("fsync", trace::path_of(descriptor));
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}
int rename(const char* from, const char* to) noexcept {
  trace::note("rename", from, to);
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"

namespace kerata {
namespace {

/// What was done to the file that became `path`, in order, each repetition once: "write fsync rename sync_folder".
std::string story_of(const std::string& path, const std::string& folder) {
  std::string temporary, story, last;
  for (const trace::Call& call : trace::calls())
    if (call.name == "rename" && call.target == path) temporary = call.path;
  for (const trace::Call& call : trace::calls()) {
    std::string step;
    if (call.path == temporary) step = call.name;
    if (call.path == path) step = call.name + "_target";  // never
    if (call.path == folder && call.name == "fsync") step = "sync_folder";
    if (step.empty() || step == last) continue;
    story += (story.empty() ? "" : " ") + step;
    last = step;
  }
  return story;
}

class SystemCalls : public ::testing::Test {
 protected:
  template <class Save>
  std::string trace_of(const std::string& name, Save save) {
    const std::string folder = std::filesystem::canonical(folder_.path()).string(), path = folder + "/" + name;
    trace::calls().clear();
    trace::is_on = true;
    save(path);
    trace::is_on = false;
    EXPECT_TRUE(std::filesystem::exists(path));
    return story_of(path, folder);
  }
  TemporaryFolder folder_;
};

constexpr const char* kSafe = "write fsync rename sync_folder";

TEST_F(SystemCalls, OfAnAtomicFile) {
  EXPECT_EQ(trace_of("a", [](const std::string& path) { files::write_atomically(path, "text"); }), kSafe);
}

TEST_F(SystemCalls, ATraceSeesWhatIsNotSafe) {
  EXPECT_EQ(trace_of("a", [](const std::string& path) { files::OutputFile(path).write("text"); }), "write_target");
}

TEST_F(SystemCalls, OfEveryFormat) {
  using layers::Dense;
  Sequential model({Input({4}), Dense(3), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  for (const char* name : {"a.keras", "a.h5"})
    EXPECT_EQ(trace_of(name, [&](const std::string& path) { model.save(path); }), kSafe) << name;
  for (const char* name : {"a.weights.h5", "a.npz", "a.safetensors"})
    EXPECT_EQ(trace_of(name, [&](const std::string& path) { model.save_weights(path); }), kSafe) << name;
  for (const char* name : {"a.png", "a.svg", "a.dot"})
    EXPECT_EQ(trace_of(name, [&](const std::string& path) { utils::plot_model(model, path); }), kSafe) << name;
  EXPECT_EQ(trace_of("a.json", [&](const std::string& path) { utils::write_text(path, model.to_json()); }), kSafe);
}

// No file of the old set is touched before the new index is in its place.
TEST_F(SystemCalls, OfASetOfShards) {
  using layers::Dense;
  const Sequential model({Input({4}), Dense(3), Dense(1)});
  auto save = [&](const std::string& path) { model.save_weights(path, {.max_shard_size = 60.0 / (1 << 30)}); };
  save(folder_.file("a.weights.json"));
  EXPECT_EQ(trace_of("a.weights.json", save), std::string("sync_folder ") + kSafe);  // the shards, then the index
  std::vector<std::string> order;
  for (const trace::Call& call : trace::calls())
    if (call.name == "rename") order.push_back(std::filesystem::path(call.target).filename().string());
  ASSERT_GE(order.size(), 4u);
  const auto index = static_cast<std::size_t>(std::find(order.begin(), order.end(), "a.weights.json") - order.begin());
  EXPECT_EQ(index + 2, order.size());
  EXPECT_EQ(order.back(), "a_00000.weights.h5");
  for (std::size_t i = 0; i < index; ++i) {
    EXPECT_TRUE(order[i].starts_with("a_0000" + std::to_string(i) + ".")) << order[i];
    EXPECT_EQ(order[i].size(), std::string("a_00000.0123456789abcdef.weights.h5").size()) << order[i];
  }
}

}  // namespace
}  // namespace kerata
