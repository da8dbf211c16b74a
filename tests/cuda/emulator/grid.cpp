#include "cuda/emulator/grid.h"

#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace kerata::emulator {
namespace {

constexpr std::size_t kStack = 64 * 1024;

/// Threads that wait for each other: a block, or one warp of it.
struct Group {
  unsigned alive = 0, arrived = 0;
  unsigned long passed = 0;  // barriers that all of them have reached
  void release_when_all_are_here() {
    if (alive == 0 || arrived < alive) return;
    arrived = 0;
    ++passed;
  }
};

/// A fiber.
struct Thread {
  ucontext_t context{};
  std::unique_ptr<char[]> stack{new char[kStack]};
  void* jump[5] = {};  // where it goes on
  bool begun = false, done = true;
  const Group* waits_for = nullptr;
  unsigned long place = 0;  // goes on when the group has passed more barriers
};
/// Those that have no block: making one costs more than most kernels.
std::vector<std::unique_ptr<Thread>>& idle_threads() {
  static thread_local std::vector<std::unique_ptr<Thread>> threads;
  return threads;
}

/// A block whose threads are fibers, taken once for all blocks that take this one's place in a cluster. Switches
/// between them are jumps: swapcontext would ask the kernel for the mask of signals each time.
class Block {
 public:
  Block(const KernelCode& code, Index3 size, const void* parameters, Group& cluster)
      : code_(code),
        size_(size),
        parameters_(parameters),
        threads_(size.x * size.y * size.z),
        warps_((threads_.size() + 31) / 32),
        cluster_(cluster) {
    for (std::unique_ptr<Thread>& thread : threads_) take(thread);
  }
  ~Block() {
    for (std::unique_ptr<Thread>& thread : threads_) idle_threads().push_back(std::move(thread));
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  void begin(Index3 place) {
    place_ = place;
    shared_.assign(code_.shared_bytes, std::byte{0xff});  // nobody has written it
    block_.alive = static_cast<unsigned>(threads_.size());
    cluster_.alive += block_.alive;
    for (unsigned i = 0; i < threads_.size(); ++i) {
      threads_[i]->done = false;
      ++warps_[i / 32].alive;
    }
  }

  /// Until all threads are done or wait for other blocks; whether any of them moved.
  bool advance() {
    running_ = this;
    std::copy(shared_.begin(), shared_.end(), code_.shared);
    *code_.block = place_;
    *code_.block_barrier = [] { running_->wait(running_->block_); };
    *code_.warp_barrier = [] { running_->wait(running_->warps_[running_->current_ / 32]); };
    *code_.cluster_barrier = [] { running_->wait(running_->cluster_); };
    backwards_ = !backwards_;
    bool moved_once = false;
    for (bool moved = true; moved;) {
      moved = false;
      for (unsigned i = 0; i < threads_.size(); ++i) {
        current_ = backwards_ ? static_cast<unsigned>(threads_.size()) - 1 - i : i;
        if (!is_free(*threads_[current_])) continue;
        moved = moved_once = true;
        resume();
      }
    }
    if (!is_done()) std::copy_n(code_.shared, shared_.size(), shared_.begin());
    return moved_once;
  }
  bool is_done() const { return block_.alive == 0; }

 private:
  static void take(std::unique_ptr<Thread>& thread) {
    if (!idle_threads().empty()) {
      thread = std::move(idle_threads().back());
      return idle_threads().pop_back();
    }
    thread = std::make_unique<Thread>();
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = thread->stack.get();
    thread->context.uc_stack.ss_size = kStack;
    makecontext(&thread->context, body, 0);
  }
  [[noreturn]] static void body() {
    while (true) running_->run_thread();  // one turn is one block, of this kernel or another
  }
  [[gnu::noinline]] void run_thread() {
    code_.entry(parameters_);
    threads_[current_]->done = true;
    for (Group* group : {&block_, &warps_[current_ / 32], &cluster_}) {
      --group->alive;
      group->release_when_all_are_here();
    }
    leave();
  }
  static bool is_free(const Thread& thread) {
    return !thread.done && (!thread.waits_for || thread.waits_for->passed > thread.place);
  }
  [[gnu::noinline]] void resume() {
    *code_.thread = {current_ % size_.x, current_ / size_.x % size_.y, current_ / size_.x / size_.y};
    Thread& thread = *threads_[current_];
    thread.waits_for = nullptr;
    if (__builtin_setjmp(scheduler_) != 0) return;
    if (thread.begun) __builtin_longjmp(thread.jump, 1);
    thread.begun = true;
    setcontext(&thread.context);
  }
  [[gnu::noinline]] void leave() {
    if (__builtin_setjmp(threads_[current_]->jump) == 0) go_to_scheduler();
  }
  [[gnu::noinline]] void go_to_scheduler() { __builtin_longjmp(scheduler_, 1); }
  void wait(Group& group) {
    Thread& thread = *threads_[current_];
    thread.waits_for = &group;
    thread.place = group.passed;
    ++group.arrived;
    group.release_when_all_are_here();
    leave();
  }

  static thread_local Block* running_;
  const KernelCode& code_;
  Index3 size_, place_{};
  const void* parameters_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<Group> warps_;
  std::vector<std::byte> shared_;  // while other blocks of the cluster use theirs
  Group block_;
  Group& cluster_;
  void* scheduler_[5] = {};
  unsigned current_ = 0;
  static thread_local bool backwards_;  // every other block: a barrier that is missing shows in one of the orders
};
thread_local Block* Block::running_ = nullptr;
thread_local bool Block::backwards_ = true;

/// The blocks of a launch, a cluster after the other; within one, each until it waits for the others.
class Cluster {
 public:
  Cluster(const KernelCode& code, Index3 size, const void* parameters) {
    for (unsigned i = 0; i < code.cluster; ++i)
      blocks_.push_back(std::make_unique<Block>(code, size, parameters, threads_));
  }
  void run(Index3 first) {
    for (std::unique_ptr<Block>& block : blocks_) {
      block->begin(first);
      ++first.x;
    }
    for (bool done = false; !done;) {
      bool moved = false;
      done = true;
      std::reverse(blocks_.begin(), blocks_.end());  // each time another order, as for threads
      for (std::unique_ptr<Block>& block : blocks_) {
        moved |= block->advance();
        done &= block->is_done();
      }
      if (moved || done) continue;
      std::fputs("emulator: a barrier that not all threads reach\n", stderr);
      std::abort();
    }
  }

 private:
  Group threads_;
  std::vector<std::unique_ptr<Block>> blocks_;
};

// In the order of a launch: every other one begins at the end, so that what one thread or block must not see of another
// shows in one of the orders.
template <class Body>
void for_each(Index3 size, bool backwards, const Body& body) {
  const unsigned count = size.x * size.y * size.z;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned at = backwards ? count - 1 - i : i;
    body(Index3{at % size.x, at / size.x % size.y, at / size.x / size.y});
  }
}

}  // namespace

void run_grid(const KernelCode& code, Index3 grid, Index3 block, const void* parameters) {
  static thread_local bool backwards = true;
  backwards = !backwards;
  *code.grid_size = grid;
  *code.block_size = block;
  std::unique_ptr<Cluster> cluster;
  if (code.needs_barriers) cluster = std::make_unique<Cluster>(code, block, parameters);
  for_each(grid, backwards, [&](Index3 at) {
    if (cluster && at.x % code.cluster != 0) return;
    if (cluster) return cluster->run(at);
    *code.block = at;
    for_each(block, backwards, [&](Index3 thread) {
      *code.thread = thread;
      code.entry(parameters);
    });
  });
}

}  // namespace kerata::emulator
