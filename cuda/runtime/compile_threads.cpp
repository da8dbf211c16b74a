#include "cuda/runtime/compile_threads.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace kerata::cuda {
namespace {

constexpr std::size_t kMostThreads = 8;

class Threads {
 public:
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void give(Function<void()> work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    const std::size_t most = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
    if (idle_ < queue_.size() && threads_.size() < most) threads_.emplace_back([this] { serve(); });
    changed_.notify_one();
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      changed_.wait(lock, [this] { return ends_ || !queue_.empty(); });
      --idle_;
      if (ends_) return;
      const Function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ends_ = false;
};

}  // namespace

void run_beside(Function<void()> work) {
  static Threads threads;
  threads.give(std::move(work));
}

}  // namespace kerata::cuda
