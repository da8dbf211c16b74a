// While a hostile file is read, nothing else is opened, and nothing is made, changed or run: a trace of the system
// calls.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "hostile/corpus.h"
#include "hostile/trace.h"

namespace kerata::test {
namespace {

constexpr unsigned kSeconds = 60;
constexpr const char* kNoTrace = "this system does not let a process trace its child (ptrace)";

std::optional<std::vector<FileCall>> trace_opening(const Corpus& corpus, const CorpusFile& file) {
  return trace_files([&] {
    // The leak checker would trace the process itself.
    const char* options = getenv("ASAN_OPTIONS");
    setenv("ASAN_OPTIONS", ((options ? std::string(options) + ":" : std::string()) + "detect_leaks=0").c_str(), 1);
    become_opener(corpus, file, kSeconds, open("/dev/null", O_WRONLY));
  });
}

/// The calls from the first opening of the file on: what came before cannot come of its content.
std::vector<FileCall> since_opening(const std::string& path, const std::vector<FileCall>& calls) {
  return {std::find_if(calls.begin(), calls.end(), [&](const FileCall& call) { return call.path == path; }),
          calls.end()};
}

/// Reading the file, or working with a temporary file of the reader's own (into which packed weights are unpacked).
bool is_harmless(const FileCall& call, const std::string& file) {
  static const std::string temporary = (std::filesystem::temp_directory_path() / "kerata.").string();
  return (!call.changes && call.path == file) || call.path.starts_with(temporary);
}

TEST(Outside, NothingElseIsOpenedMadeOrRun) {
  const Corpus corpus;
  for (const CorpusFile& file : corpus.list("refused")) {
    const auto calls = trace_opening(corpus, file);
    if (!calls) GTEST_SKIP() << kNoTrace;
    const std::vector<FileCall> since = since_opening(corpus.path(file.file), *calls);
    EXPECT_FALSE(since.empty()) << file.file << " was not opened";
    for (const FileCall& call : since)
      EXPECT_TRUE(is_harmless(call, corpus.path(file.file))) << file.file << ": " << call.name << " " << call.path;
  }
}

TEST(Outside, ATraceSeesAReaderThatFollowsALink) {
  const Corpus corpus;
  const CorpusFile file{"hdf5_external_link_absolute.weights.h5", "careless", ""};
  const auto calls = trace_opening(corpus, file);
  if (!calls) GTEST_SKIP() << kNoTrace;
  const std::vector<FileCall> since = since_opening(corpus.path(file.file), *calls);
  EXPECT_TRUE(std::any_of(since.begin(), since.end(), [](const FileCall& call) { return call.path == "/etc/passwd"; }));
}

TEST(Outside, ATraceSeesWhatIsMadeAndRun) {
  const Folder folder;
  const auto calls = trace_files([&] {
    close(open((folder / "new").c_str(), O_WRONLY | O_CREAT, 0600));
    rename((folder / "new").c_str(), (folder / "old").c_str());
    if (fork() == 0) _exit(mkdir((folder / "inner").c_str(), 0700));
    execl("/bin/true", "true", static_cast<char*>(nullptr));
  });
  if (!calls) GTEST_SKIP() << kNoTrace;
  for (const std::string& path : {folder / "new", folder / "inner", std::string("/bin/true")}) {
    const auto found = std::find_if(calls->begin(), calls->end(), [&](const FileCall& c) { return c.path == path; });
    ASSERT_NE(found, calls->end()) << path;
    EXPECT_TRUE(found->changes) << path;
  }
}

}  // namespace
}  // namespace kerata::test
