// How a broadcast op walks its operands: rows of the output, each contiguous, with an operand's row contiguous or one
// element.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "backend/kernel.h"
#include "backend/parallel.h"

namespace kerata::cpu {

struct BroadcastPlan {
  std::int64_t rows = 1, inner = 1;                  // elements of the output: rows * inner
  std::vector<std::int64_t> sizes;                   // of the outer axes, product = rows
  std::vector<std::array<std::int64_t, 3>> strides;  // per outer axis and operand, in elements
  std::array<bool, 3> moves = {};                    // per operand: whether it moves along the inner axis
};

/// Adjacent axes are merged as far as possible. Up to 3 operands whose shapes broadcast to `out`.
BroadcastPlan plan_broadcast(const Shape& out, std::span<const ValueType> operands);

/// body(row, offsets) for rows [begin, end); offsets: of each operand's row, in elements.
template <class Body>
void for_rows(const BroadcastPlan& plan, std::int64_t begin, std::int64_t end, const Body& body) {
  const std::size_t axes = plan.sizes.size();
  std::array<std::int64_t, Shape::kMaxRank> index = {};
  std::array<std::int64_t, 3> offsets = {};
  std::int64_t rest = begin;
  for (std::size_t i = axes; i-- > 0;) {
    index[i] = rest % plan.sizes[i];
    rest /= plan.sizes[i];
    for (std::size_t k = 0; k < 3; ++k) offsets[k] += index[i] * plan.strides[i][k];
  }
  for (std::int64_t row = begin; row < end; ++row) {
    body(row, offsets);
    for (std::size_t i = axes; i-- > 0;) {
      for (std::size_t k = 0; k < 3; ++k) offsets[k] += plan.strides[i][k];
      if (++index[i] < plan.sizes[i]) break;
      for (std::size_t k = 0; k < 3; ++k) offsets[k] -= plan.sizes[i] * plan.strides[i][k];
      index[i] = 0;
    }
  }
}

/// Elements that a thread should at least have: of cheap and of expensive functions.
inline constexpr std::int64_t kCheapGrain = 32768, kExpensiveGrain = 8192;
/// Threads share contiguous runs in blocks, so that an element's place within its block, and by it its code path, does
/// not depend on the number of threads.
inline constexpr std::int64_t kBlock = 1024;

/// body(begin, end) over [0, n) in whole blocks.
template <class Body>
void for_blocks(std::int64_t n, std::int64_t grain, const Body& body) {
  if (n < 2 * grain) return body(std::int64_t{0}, n);
  parallel_for((n + kBlock - 1) / kBlock, grain / kBlock, [&](std::int64_t begin, std::int64_t end) {
    body(begin * kBlock, end * kBlock < n ? end * kBlock : n);
  });
}

}  // namespace kerata::cpu
