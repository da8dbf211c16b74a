// Who is using a variable: any number of readers, or one writer and its thread.
#pragma once

#include <span>
#include <string_view>

#include "kerata/graph/variable.h"

namespace kerata {

/// Held while a model reads its variables (predict). The thread that writes may also read: callbacks do.
/// Throws StateError when another thread writes one of them. Allocates nothing; `cells` must outlive it.
class ReadGuard {
 public:
  ReadGuard(std::span<VariableCell* const> cells, std::string_view where);
  ~ReadGuard() { release(cells_.size()); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;

 private:
  void release(std::size_t count);
  std::span<VariableCell* const> cells_;
};

/// Held by fit() and the like, also within another one of the same thread. Throws StateError when another thread uses
/// one of the variables, or this one by a ReadGuard. Allocates nothing; `cells` must outlive it.
class WriteGuard {
 public:
  WriteGuard(std::span<VariableCell* const> cells, std::string_view where);
  ~WriteGuard() { release(cells_.size()); }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;

 private:
  void release(std::size_t count);
  std::span<VariableCell* const> cells_;
};

/// The same for a single write.
class AssignGuard {
 public:
  AssignGuard(VariableCell& cell, std::string_view where);
  ~AssignGuard();
  AssignGuard(const AssignGuard&) = delete;
  AssignGuard& operator=(const AssignGuard&) = delete;

 private:
  VariableCell& cell_;
};

}  // namespace kerata
