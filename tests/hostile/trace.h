// What a process asks the system for, as far as files go.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kerata::test {

/// A system call that opens, makes, changes, removes or runs something, or talks to another process.
struct FileCall {
  std::string name, path;
  bool changes = false;  // does more than read
};

/// Runs `become` in a process of its own, to the end of all that it starts; the calls in order. Nothing when the system
/// allows no process to trace its child.
std::optional<std::vector<FileCall>> trace_files(const std::function<void()>& become);

}  // namespace kerata::test
