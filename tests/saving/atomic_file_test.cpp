#include "files/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using files::AtomicFile;
using files::write_atomically;
using testing::ElementsAre;
namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Atomic : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path()))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static unsigned mode_of(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }
  TemporaryFolder folder_;
};

TEST_F(Atomic, IsThereOnlyAfterCommit) {
  AtomicFile file(at("a"));
  EXPECT_TRUE(fs::path(file.path()).filename().string().starts_with(".a."));
  EXPECT_EQ(fs::path(file.path()).parent_path(), folder_.path());
  std::ofstream(file.path()) << "new";
  EXPECT_FALSE(fs::exists(at("a")));
  file.commit();
  EXPECT_EQ(content_of(at("a")), "new");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(Atomic, LeavesTheOldFileWithoutCommit) {
  folder_.write("a", "old");
  {
    AtomicFile file(at("a"));
    std::ofstream(file.path()) << "new";
  }
  EXPECT_EQ(content_of(at("a")), "old");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(Atomic, KeepsPermissions) {
  folder_.write("a", "old");
  fs::permissions(at("a"), static_cast<fs::perms>(0640));
  write_atomically(at("a"), "new");
  EXPECT_EQ(mode_of(at("a")), 0640u);
  const mode_t before = ::umask(0027);
  write_atomically(at("b"), "new");
  ::umask(before);
  EXPECT_EQ(mode_of(at("b")), 0640u);
}

TEST_F(Atomic, WritesWhereALinkLeads) {
  fs::create_directory(at("folder"));
  folder_.write("folder/real", "old");
  fs::create_symlink("folder/real", at("link"));
  fs::create_symlink("link", at("link_to_link"));
  write_atomically(at("link_to_link"), "new");
  EXPECT_TRUE(fs::is_symlink(at("link_to_link")));
  EXPECT_EQ(content_of(at("folder/real")), "new");
  fs::create_symlink(at("folder/not_yet"), at("dangling"));
  write_atomically(at("dangling"), "first");
  EXPECT_EQ(content_of(at("folder/not_yet")), "first");
  fs::create_symlink("circle", at("circle"));
  EXPECT_ERROR(BackendError, AtomicFile(at("circle")),
               "[saving] Cannot write " + at("circle") + ": too many symbolic links.");
}

TEST_F(Atomic, NamesWhatCannotBeWritten) {
  EXPECT_ERROR(BackendError, AtomicFile(at("none/a")),
               "[saving] Cannot write " + at("none/a") + ": No such file or directory.");
  EXPECT_ERROR(BackendError, AtomicFile(folder_.path().string()),
               "[saving] Cannot write " + folder_.path().string() + ": it is a folder.");
  EXPECT_ERROR(BackendError, AtomicFile("/dev/null"), "[saving] Cannot write /dev/null: it is no regular file.");
  EXPECT_ERROR(BackendError, AtomicFile(""), "[saving] Cannot write : it names no file.");
  EXPECT_ERROR(BackendError, files::copy_atomically(at("none"), at("b")),
               "[saving] Cannot open " + at("none") + ": No such file or directory.");
}

TEST_F(Atomic, RefusesAFileThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  folder_.write("a", "old");
  fs::permissions(at("a"), static_cast<fs::perms>(0444));
  EXPECT_ERROR(BackendError, AtomicFile(at("a")), "[saving] Cannot write " + at("a") + ": Permission denied.");
}

TEST_F(Atomic, TakesLongNamesAndNamesWithoutFolder) {
  const std::string longest(255, 'x');
  write_atomically(at(longest), "new");
  EXPECT_EQ(content_of(at(longest)), "new");
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  write_atomically("here", "new");
  fs::current_path(before);
  EXPECT_EQ(content_of(at("here")), "new");
}

TEST_F(Atomic, CopiesWholeFiles) {
  const std::string content(3000000, 'c');
  files::copy_atomically(folder_.write("a", content), at("b"));
  EXPECT_TRUE(content_of(at("b")) == content);
}

TEST_F(Atomic, RemovesLeftoversOfKilledProcessesOnceTheyAreOld) {
  const auto age = [&](const std::string& name, std::chrono::minutes minutes) {
    fs::last_write_time(folder_.write(name, "half"), fs::file_time_type::clock::now() - minutes);
  };
  age(".a.0123456789abcdef.tmp", std::chrono::minutes(61));
  age(".a.0123456789abcde0.tmp", std::chrono::minutes(59));  // perhaps somebody still writes
  age(".a.0123456789abcdeg.tmp", std::chrono::minutes(61));  // not one of ours
  age(".ab.0123456789abcdef.tmp", std::chrono::minutes(61));
  age("a.tmp", std::chrono::minutes(61));
  write_atomically(at("a"), "new");
  EXPECT_THAT(names(), ElementsAre(".a.0123456789abcde0.tmp", ".a.0123456789abcdeg.tmp", ".ab.0123456789abcdef.tmp",
                                   "a", "a.tmp"));
}

}  // namespace
}  // namespace kerata
