#include "graph/variable_guard.h"

#include "core/require.h"
#include "graph/variable_content.h"

namespace kerata {
namespace {

// The address of a thread-local is the thread's own.
const void* this_thread() {
  thread_local const char token = 0;
  return &token;
}

[[noreturn]] void fail_in_use(const VariableCell& cell, std::string_view where) {
  fail<StateError>(
      where, "'", cell.path,
      "' is in use by another thread. Expected no fit, set_weights or assign while another call "
      "works with the same variables. Hint: predict may run in many threads, but not while the model trains.");
}

// Readers announce themselves before they look for a writer, writers before they look for readers, so that one of two
// sees the other.
void take(VariableCell& cell, std::string_view where) {
  const void* owner = nullptr;
  if (!cell.writer.compare_exchange_strong(owner, this_thread())) {
    if (owner != this_thread()) fail_in_use(cell, where);
  } else if (cell.readers.load() != 0) {
    cell.writer.store(nullptr);
    fail_in_use(cell, where);
  }
  ++cell.write_guards;
}

void give_back(VariableCell& cell) {
  if (--cell.write_guards == 0) cell.writer.store(nullptr);
}

}  // namespace

ReadGuard::ReadGuard(std::span<VariableCell* const> cells, std::string_view where) : cells_(cells) {
  const void* me = this_thread();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    VariableCell& cell = *cells[i];
    if (cell.writer.load(std::memory_order_relaxed) == me) continue;
    cell.readers.fetch_add(1);
    if (cell.writer.load() != nullptr) [[unlikely]] {
      release(i + 1);
      fail_in_use(cell, where);
    }
  }
}

void ReadGuard::release(std::size_t count) {
  const void* me = this_thread();
  for (std::size_t i = 0; i < count; ++i)
    if (cells_[i]->writer.load(std::memory_order_relaxed) != me) cells_[i]->readers.fetch_sub(1);
}

WriteGuard::WriteGuard(std::span<VariableCell* const> cells, std::string_view where) : cells_(cells) {
  std::size_t taken = 0;
  try {
    for (VariableCell* cell : cells) {
      take(*cell, where);
      ++taken;
      keep_recorded(*cell);  // compiled steps write without asking again
    }
  } catch (...) {
    release(taken);
    throw;
  }
}

void WriteGuard::release(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) give_back(*cells_[i]);
}

AssignGuard::AssignGuard(VariableCell& cell, std::string_view where) : cell_(cell) { take(cell, where); }
AssignGuard::~AssignGuard() { give_back(cell_); }

}  // namespace kerata
