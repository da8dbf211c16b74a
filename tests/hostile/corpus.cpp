#include "hostile/corpus.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace kerata::test {
namespace {

namespace fs = std::filesystem;
const fs::path kHere = KERATA_HOSTILE_DIR;

}  // namespace

void become_opener(const Corpus& corpus, const CorpusFile& file, unsigned limit, int output) {
  // One thread and one arena: address space that they reserve would count as memory.
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"}) setenv(name, "1", 1);
  dup2(output, STDOUT_FILENO);
  if (chdir(corpus.folder().c_str()) != 0) _exit(2);
  alarm(limit);
  execl(KERATA_OPEN_HOSTILE, KERATA_OPEN_HOSTILE, file.how.c_str(), corpus.path(file.file).c_str(),
        corpus.path("base.keras").c_str(), static_cast<char*>(nullptr));
  _exit(2);
}

Corpus::Corpus() : folder_(outer_.path() / "files") {
  fs::create_directory(folder_);
  unpack((kHere / "corpus.tar.gz").string(), folder_);
  mkfifo(path("canary.h5").c_str(), 0600);
  std::ifstream stream(kHere / "corpus.json");
  json_ = nlohmann::json::parse(stream);
}

std::vector<CorpusFile> Corpus::list(const char* which) const {
  std::vector<CorpusFile> files;
  for (const nlohmann::json& each : json_.at(which)) {
    files.push_back({each.at("file"), each.at("how"), each.value("text", "")});
  }
  return files;
}

Outcome open_in_process(const Corpus& corpus, const CorpusFile& file, unsigned limit) {
  int pipes[2];
  if (pipe(pipes) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) become_opener(corpus, file, limit, pipes[1]);
  close(pipes[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(pipes[0], buffer, sizeof buffer)) > 0;)
    outcome.message.append(buffer, static_cast<std::size_t>(count));
  close(pipes[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  for (const timeval& time : {usage.ru_utime, usage.ru_stime})
    outcome.seconds += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  outcome.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.peak_mib = usage.ru_maxrss / 1024;
  return outcome;
}

}  // namespace kerata::test
