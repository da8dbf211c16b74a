#include "hostile/trace.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

namespace kerata::test {
namespace {

constexpr int kNone = -1;
constexpr int kNotAllowed = 77;

struct Known {
  long number;
  const char* name;
  int path, flags;  // which arguments; the calls without flags of open() change something
};
constexpr Known kCalls[] = {
#ifdef SYS_open  // what newer machines have only with "at"
    {SYS_open, "open", 0, 1},
    {SYS_creat, "creat", 0, kNone},
    {SYS_mkdir, "mkdir", 0, kNone},
    {SYS_rename, "rename", 0, kNone},
    {SYS_unlink, "unlink", 0, kNone},
    {SYS_rmdir, "rmdir", 0, kNone},
    {SYS_link, "link", 1, kNone},
    {SYS_symlink, "symlink", 1, kNone},
    {SYS_mknod, "mknod", 0, kNone},
    {SYS_chmod, "chmod", 0, kNone},
#endif
    {SYS_openat, "openat", 1, 2},
    {SYS_mkdirat, "mkdirat", 1, kNone},
    {SYS_renameat2, "renameat2", 1, kNone},
    {SYS_unlinkat, "unlinkat", 1, kNone},
    {SYS_linkat, "linkat", 3, kNone},
    {SYS_symlinkat, "symlinkat", 2, kNone},
    {SYS_mknodat, "mknodat", 1, kNone},
    {SYS_fchmodat, "fchmodat", 1, kNone},
    {SYS_truncate, "truncate", 0, kNone},
    {SYS_execve, "execve", 0, kNone},
    {SYS_execveat, "execveat", 1, kNone},
#ifdef SYS_openat2
    {SYS_openat2, "openat2", 1, kNone},
#endif
    {SYS_connect, "connect", kNone, kNone}};

std::string text_in(pid_t process, std::uint64_t address) {
  std::string text;
  for (;; address += sizeof(long)) {
    errno = 0;
    const long word = ptrace(PTRACE_PEEKDATA, process, address, nullptr);
    if (errno != 0 || text.size() > 8192) return text;
    const char* bytes = reinterpret_cast<const char*>(&word);
    const char* end = std::find(bytes, bytes + sizeof word, '\0');
    text.append(bytes, end);
    if (end != bytes + sizeof word) return text;
  }
}

/// Notes the call that the process is about to make. False where the system cannot tell.
bool note(pid_t process, std::vector<FileCall>& calls) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info) <= 0) return false;
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return true;
  const auto number = static_cast<long>(info.entry.nr);
  const auto* known =
      std::find_if(std::begin(kCalls), std::end(kCalls), [&](const Known& call) { return call.number == number; });
  if (known == std::end(kCalls)) return true;
  constexpr std::uint64_t kChanging = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  const bool changes = known->flags == kNone || (info.entry.args[known->flags] & kChanging) != 0;
  calls.push_back({known->name, known->path == kNone ? "" : text_in(process, info.entry.args[known->path]), changes});
  return true;
}

/// The signal that a stopped process must still get; 0: the stop is the tracer's.
long signal_of(int status) {
  const int signal = WSTOPSIG(status);
  const bool is_event = status >> 16 != 0 || signal == SIGSTOP || signal == SIGTRAP || signal == (SIGTRAP | 0x80);
  return is_event ? 0 : signal;
}

}  // namespace

std::optional<std::vector<FileCall>> trace_files(const std::function<void()>& become) {
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotAllowed);
    raise(SIGSTOP);
    become();
    _exit(kNotAllowed);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return std::nullopt;
  // Threads and processes that it starts are traced with it; it ends with this one.
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |
                       PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, options);
  std::vector<FileCall> calls;
  bool is_told = true;
  for (pid_t stopped = child; is_told;) {
    ptrace(PTRACE_SYSCALL, stopped, nullptr, signal_of(status));
    do stopped = waitpid(-1, &status, __WALL);
    while (stopped > 0 && !WIFSTOPPED(status));  // one has ended
    if (stopped < 0) return calls;               // all have
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) is_told = note(stopped, calls);
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return std::nullopt;
}

}  // namespace kerata::test
