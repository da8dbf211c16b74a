// Whole rows at once: largest value, sum, exp.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "cpu/elementwise.h"
#include "cpu/pack.h"
#include "ops/op_list.h"

namespace kerata::cpu {

template <class T>
inline T row_max(const T* x, std::int64_t n) {
  if (n < kLanes<T>) return *std::max_element(x, x + n);
  Pack<T> best = load(x);
  for (std::int64_t i = kLanes<T>; i + kLanes<T> <= n; i += kLanes<T>) {
    const Pack<T> next = load(x + i);
    best = next > best ? next : best;
  }
  const Pack<T> last = load(x + n - kLanes<T>);  // overlaps: no harm to a maximum
  best = last > best ? last : best;
  T parts[kLanes<T>];
  store(parts, best);
  return *std::max_element(parts, parts + kLanes<T>);
}

template <class T>
inline T row_sum(const T* x, std::int64_t n) {
  Pack<T> a{}, b{};
  std::int64_t i = 0;
  for (; i + 2 * kLanes<T> <= n; i += 2 * kLanes<T>) a += load(x + i), b += load(x + i + kLanes<T>);
  for (; i + kLanes<T> <= n; i += kLanes<T>) a += load(x + i);
  T rest = 0;
  for (; i < n; ++i) rest += x[i];
  return n < kLanes<T> ? rest : sum_lanes<T>(a + b) + rest;
}

/// One of kExp, kLog1p, kTanh, kSigmoid on a run, in place allowed.
template <class T>
inline void run_unary(const OpDef& op, const T* x, T* y, std::int64_t n) {
  if (n <= 0) return;
  if constexpr (std::is_same_v<T, float>)
    find_elementwise_f32(op)->unary(x, y, n);
  else if (&op == &ops::kExp)
    std::transform(x, x + n, y, [](T v) { return std::exp(v); });
  else if (&op == &ops::kLog1p)
    std::transform(x, x + n, y, [](T v) { return std::log1p(v); });
  else if (&op == &ops::kTanh)
    std::transform(x, x + n, y, [](T v) { return std::tanh(v); });
  else
    std::transform(x, x + n, y, [](T v) { return 1 / (1 + std::exp(-v)); });
}

}  // namespace kerata::cpu
