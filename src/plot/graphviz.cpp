// The program that is asked to draw, and the files for it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/require.h"
#include "files/atomic_file.h"
#include "plot/dot.h"

extern char** environ;

namespace kerata::plot {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name that holds the text, read from its beginning.
File file_of(const std::string& text) {
  File file(std::tmpfile(), std::fclose);
  const bool ok = file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                  std::fflush(file.get()) == 0 && lseek(fileno(file.get()), 0, SEEK_SET) == 0;
  require<BackendError>(ok, "plot_model", "Cannot write a temporary file: ", std::strerror(errno), '.');
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  char part[4096];
  lseek(fileno(file), 0, SEEK_SET);
  for (ssize_t got; (got = read(fileno(file), part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

// Files instead of pipes: no order of reading and writing can block.
void run_graphviz(const std::string& text, const std::string& format, const std::string& path) {
  const File input = file_of(text), errors = file_of("");
  files::AtomicFile file(path);
  std::string program = "dot", type = "-T" + format, output_flag = "-o", output = file.path();
  char* arguments[] = {program.data(), type.data(), output_flag.data(), output.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(errors.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "dot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  require<BackendError>(failed == 0, "plot_model", "Graphviz's program 'dot' cannot be run (", std::strerror(failed),
                        "). Hint: install it (Debian: apt-get install graphviz), or leave .engine out: Kerata draws "
                        ".png and .svg itself.");
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  require<BackendError>(WIFEXITED(status) && WEXITSTATUS(status) == 0, "plot_model", "Graphviz could not write '", path,
                        "': ", content_of(errors.get()));
  file.commit();
}

std::string suffix_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/'), begin = slash == std::string::npos ? 0 : slash + 1;
  const std::size_t dot = path.find_last_of('.');
  if (dot == std::string::npos || dot <= begin) return {};
  std::string suffix = path.substr(dot + 1);
  for (char& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return suffix;
}

}  // namespace kerata::plot
