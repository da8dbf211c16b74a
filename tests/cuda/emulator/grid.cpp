#include "cuda/emulator/grid.h"

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace kerata::emulator {
namespace {

constexpr std::size_t kStack = 64 * 1024;

/// One block whose threads wait for each other.
class Block {
 public:
  Block(const KernelCode& code, Index3 size, const void* parameters)
      : code_(code), size_(size), parameters_(parameters), threads_(size.x * size.y * size.z) {
    for (Thread& thread : threads_) thread.stack.reset(new char[kStack]);
  }

  void run() {
    running_ = this;
    backwards_ = !backwards_;
    *code_.block_barrier = [] { running_->wait(Kind::block); };
    *code_.warp_barrier = [] { running_->wait(Kind::warp); };
    for (unsigned i = 0; i < threads_.size(); ++i) start(i);
    for (bool alive = true; alive;) {
      alive = false;
      bool moved = false;
      for (unsigned i = 0; i < threads_.size(); ++i) {
        current_ = backwards_ ? static_cast<unsigned>(threads_.size()) - 1 - i : i;
        Thread& thread = threads_[current_];
        if (thread.done) continue;
        alive = true;
        if (!is_free(current_)) continue;
        moved = true;
        resume();
      }
      if (alive && !moved) {
        std::fputs("emulator: a barrier that not all threads of the block reach\n", stderr);
        std::abort();
      }
    }
  }

 private:
  enum class Kind { none, block, warp };
  struct Thread {
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    Kind waits = Kind::none;
    unsigned long passed_block = 0, passed_warp = 0;  // barriers that it has reached
    bool done = false;
  };

  void start(unsigned i) {
    Thread& thread = threads_[i];
    thread.done = false;
    thread.waits = Kind::none;
    thread.passed_block = thread.passed_warp = 0;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStack;
    thread.context.uc_link = &scheduler_;
    makecontext(
        &thread.context, [] { running_->body(); }, 0);
  }
  void body() {
    code_.entry(parameters_);
    threads_[current_].done = true;
  }
  void resume() {
    *code_.thread = {current_ % size_.x, current_ / size_.x % size_.y, current_ / size_.x / size_.y};
    threads_[current_].waits = Kind::none;
    swapcontext(&scheduler_, &threads_[current_].context);
  }
  void wait(Kind kind) {
    Thread& thread = threads_[current_];
    ++(kind == Kind::block ? thread.passed_block : thread.passed_warp);
    thread.waits = kind;
    swapcontext(&thread.context, &scheduler_);
  }
  // A thread goes on when all others of its block (or warp) that still run have reached the barrier, too.
  bool is_free(unsigned i) const {
    const Thread& thread = threads_[i];
    if (thread.waits == Kind::none) return true;
    const bool warp = thread.waits == Kind::warp;
    const unsigned first = warp ? i / 32 * 32 : 0;
    const unsigned last = warp ? std::min<unsigned>(first + 32, static_cast<unsigned>(threads_.size()))
                               : static_cast<unsigned>(threads_.size());
    for (unsigned k = first; k < last; ++k) {
      if (threads_[k].done) continue;
      if ((warp ? threads_[k].passed_warp : threads_[k].passed_block) <
          (warp ? thread.passed_warp : thread.passed_block))
        return false;
    }
    return true;
  }

  static thread_local Block* running_;
  const KernelCode& code_;
  Index3 size_;
  const void* parameters_;
  std::vector<Thread> threads_;
  ucontext_t scheduler_{};
  unsigned current_ = 0;
  static thread_local bool backwards_;  // every other block: a barrier that is missing shows in one of the orders
};
thread_local bool Block::backwards_ = true;
thread_local Block* Block::running_ = nullptr;

template <class Body>
void for_each(Index3 size, const Body& body) {
  for (unsigned z = 0; z < size.z; ++z)
    for (unsigned y = 0; y < size.y; ++y)
      for (unsigned x = 0; x < size.x; ++x) body(Index3{x, y, z});
}

}  // namespace

void run_grid(const KernelCode& code, Index3 grid, Index3 block, const void* parameters) {
  *code.grid_size = grid;
  *code.block_size = block;
  std::unique_ptr<Block> threads;
  if (code.needs_barriers) threads = std::make_unique<Block>(code, block, parameters);
  for_each(grid, [&](Index3 at) {
    *code.block = at;
    if (threads) return threads->run();
    for_each(block, [&](Index3 thread) {
      *code.thread = thread;
      code.entry(parameters);
    });
  });
}

}  // namespace kerata::emulator
