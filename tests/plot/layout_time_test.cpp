// Large models are laid out in the time of a glance.
#include <gtest/gtest.h>

#include <chrono>

#include "plot/layout.h"

namespace kerata::plot {
namespace {

LayoutTask residual_network(int num_blocks, int wide_every) {
  LayoutTask task;
  task.boxes.push_back({{150, 80}, 0});
  for (int block = 0; block < num_blocks; ++block) {
    const int first = static_cast<int>(task.boxes.size()) - 1;
    const int branches = block % wide_every == 0 ? 4 : 1;
    const int join = first + 2 * branches + 1;
    for (int branch = 0; branch < branches; ++branch)
      for (int part : {1, 2}) {
        task.boxes.push_back({{120.0 + 10 * branch, 80}, 0});
        const int box = static_cast<int>(task.boxes.size()) - 1;
        task.edges.push_back({part == 1 ? first : box - 1, box});
        if (part == 2) task.edges.push_back({box, join});
      }
    task.boxes.push_back({{150, 80}, 0});
    task.edges.push_back({first, join});
  }
  return task;
}

TEST(LayoutTime, AThousandLayersTakeLessThanASecond) {
  const LayoutTask task = residual_network(250, 6);
  EXPECT_GT(task.boxes.size(), 1000u);
  const auto start = std::chrono::steady_clock::now();
  const Layout layout = lay_out(task);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_LT(seconds, 1) << layout.size.height;
}

TEST(LayoutTime, TenThousandLayersInARow) {
  LayoutTask task;
  for (int i = 0; i < 10'000; ++i) task.boxes.push_back({{100, 40}, 0});
  for (int i = 1; i < 10'000; ++i) task.edges.push_back({i - 1, i});
  const auto start = std::chrono::steady_clock::now();
  lay_out(task);
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 1);
}

}  // namespace
}  // namespace kerata::plot
