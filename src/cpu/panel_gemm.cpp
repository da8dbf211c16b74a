// Our own float32 matrix product, for the sizes of dense and recurrent layers: panels of 2 packs of columns, groups of
// up to 12 rows whose sums stay in registers (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication"). Allocates nothing, and each sum runs over k in one order: the same bits for any number of threads
// and rows.
#include <algorithm>
#include <array>
#include <utility>

#include "backend/parallel.h"
#include "cpu/gemm.h"
#include "cpu/pack.h"

namespace kerata::cpu {
namespace {

constexpr Dim kLane = kLanes<float>, kWide = 2 * kLane;
constexpr int kMaxRows = kPackBytes == 64 ? 12 : 6;  // of 32 (AVX-512) or 16 registers
constexpr Dim kDepth = 128;                          // rows of b in one packed panel: it stays in the first-level cache
constexpr Dim kBlockRows = 20 * kMaxRows;            // rows of c that share one packed panel
constexpr Dim kThreadWork = 1 << 17;                 // multiply-adds that pay for a thread
constexpr Dim kNear = 1 << 17;                       // elements of a that stay in the second-level cache

// Row r of op(a) begins at data + r * row; its elements are `step` apart.
struct Rows {
  const float* data;
  Dim row, step;
};
struct Scale {
  float alpha;
  bool add;
};

// c (kRows, kPacks packs) = alpha * a (kRows, depth) b (depth, kPacks packs), added to c or not
template <int kPacks, std::size_t... r>
inline void tile_rows(const Rows& a, const float* b, Dim ldb, Dim depth, float* c, Dim ldc, const Scale& scale,
                      std::index_sequence<r...>) {
  Pack<float> sums[sizeof...(r)][kPacks] = {};
  (__builtin_prefetch(c + static_cast<Dim>(r) * ldc, 1), ...);
  if constexpr (kPacks == 2) (__builtin_prefetch(c + static_cast<Dim>(r) * ldc + kLane, 1), ...);
  for (Dim k = 0; k < depth; ++k) {
    Pack<float> row[kPacks];
    row[0] = load(b + k * ldb);
    if constexpr (kPacks == 2) row[1] = load(b + k * ldb + kLane);
    const float* x = a.data + k * a.step;
    const auto add = [&](Pack<float>* sum, float factor) {
      sum[0] += factor * row[0];
      if constexpr (kPacks == 2) sum[1] += factor * row[1];
    };
    (add(sums[r], x[static_cast<Dim>(r) * a.row]), ...);
  }
  const auto put = [&](const Pack<float>* sum, float* to) {
    store(to, Pack<float>(scale.alpha * sum[0]));
    if constexpr (kPacks == 2) store(to + kLane, Pack<float>(scale.alpha * sum[1]));
  };
  const auto add_to = [&](const Pack<float>* sum, float* to) {
    store(to, Pack<float>(scale.alpha * sum[0] + load(to)));
    if constexpr (kPacks == 2) store(to + kLane, Pack<float>(scale.alpha * sum[1] + load(to + kLane)));
  };
  if (scale.add)
    (add_to(sums[r], c + static_cast<Dim>(r) * ldc), ...);
  else
    (put(sums[r], c + static_cast<Dim>(r) * ldc), ...);
}

template <int kPacks, std::size_t kRows>
void tile(const Rows& a, const float* b, Dim ldb, Dim depth, float* c, Dim ldc, const Scale& scale) {
  tile_rows<kPacks>(a, b, ldb, depth, c, ldc, scale, std::make_index_sequence<kRows>());
}

using Tile = void (*)(const Rows& a, const float* b, Dim ldb, Dim depth, float* c, Dim ldc, const Scale& scale);
template <int kPacks, std::size_t... i>
constexpr auto tiles(std::index_sequence<i...>) {
  return std::array<Tile, sizeof...(i)>{tile<kPacks, i + 1>...};
}
constexpr auto kTiles1 = tiles<1>(std::make_index_sequence<kMaxRows>());
constexpr auto kTiles2 = tiles<2>(std::make_index_sequence<kMaxRows>());

inline void transpose_4x4(const float* from, Dim from_step, float* to, Dim to_step) {
  using Four = Pack<float, 16>;
  const Four a = load<float, 16>(from), b = load<float, 16>(from + from_step),
             c = load<float, 16>(from + 2 * from_step), d = load<float, 16>(from + 3 * from_step);
  const Four ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(to, Four(__builtin_shufflevector(ab0, cd0, 0, 1, 4, 5)));
  store(to + to_step, Four(__builtin_shufflevector(ab0, cd0, 2, 3, 6, 7)));
  store(to + 2 * to_step, Four(__builtin_shufflevector(ab1, cd1, 0, 1, 4, 5)));
  store(to + 3 * to_step, Four(__builtin_shufflevector(ab1, cd1, 2, 3, 6, 7)));
}

// panel (depth, wide) = columns [j, j + width) of op(b), rows [k0, k0 + depth); zeros behind `width`.
void pack_panel(const GemmShape& s, const float* b, Dim k0, Dim depth, Dim j, Dim width, Dim wide, float* panel) {
  if (!s.trans_b) {
    for (Dim k = 0; k < depth; ++k) {
      const float* from = b + (k0 + k) * s.ldb + j;
      std::fill(std::copy_n(from, width, panel + k * wide), panel + (k + 1) * wide, 0.0f);
    }
    return;
  }
  if (width < wide) std::fill_n(panel, depth * wide, 0.0f);
  const float* from = b + j * s.ldb + k0;
  Dim i = 0;
  for (; i + 4 <= width; i += 4) {
    Dim k = 0;
    for (; k + 4 <= depth; k += 4) transpose_4x4(from + i * s.ldb + k, s.ldb, panel + k * wide + i, wide);
    for (; k < depth; ++k)
      for (Dim q = 0; q < 4; ++q) panel[k * wide + i + q] = from[(i + q) * s.ldb + k];
  }
  for (; i < width; ++i)
    for (Dim k = 0; k < depth; ++k) panel[k * wide + i] = from[i * s.ldb + k];
}

// One panel of columns of c for rows [first, last).
void run_panel(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c, Dim j, Dim first,
               Dim last) {
  alignas(64) float packed[kDepth * kWide], edge[kMaxRows * kWide];
  const Dim width = std::min(kWide, s.n - j), wide = width <= kLane ? kLane : kWide;
  const auto& kernels = wide == kLane ? kTiles1 : kTiles2;
  const bool direct = !s.trans_b && width == wide && last - first <= 4 * kMaxRows;
  const Dim groups = (last - first + kMaxRows - 1) / kMaxRows;
  for (Dim k0 = 0; k0 < s.k; k0 += kDepth) {
    const Dim depth = std::min(kDepth, s.k - k0);
    if (!direct) pack_panel(s, b, k0, depth, j, width, wide, packed);
    const float* panel = direct ? b + k0 * s.ldb + j : packed;
    const Scale scale{alpha, add || k0 > 0};
    for (Dim group = 0; group < groups; ++group) {  // of equal size, as far as that goes
      const Dim row = first + (last - first) * group / groups,
                rows = first + (last - first) * (group + 1) / groups - row;
      const Rows x = s.trans_a ? Rows{a + k0 * s.lda + row, 1, s.lda} : Rows{a + row * s.lda + k0, s.lda, 1};
      const Tile kernel = kernels[static_cast<std::size_t>(rows - 1)];
      float* to = c + row * s.ldc + j;
      if (width == wide) {
        kernel(x, panel, direct ? s.ldb : wide, depth, to, s.ldc, scale);
        continue;
      }
      kernel(x, panel, wide, depth, edge, wide, {alpha, false});
      for (Dim r = 0; r < rows; ++r)
        for (Dim i = 0; i < width; ++i) to[r * s.ldc + i] = edge[r * wide + i] + (scale.add ? to[r * s.ldc + i] : 0);
    }
  }
}

}  // namespace

// With a small a, threads share out the columns: a layer's weights, written as c by the update and read as b by the
// product of the next step, so stay in the same core's cache. A large a is read once, block by block.
void panel_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c) {
  const Dim panels = (s.n + kWide - 1) / kWide, blocks = (s.m + kBlockRows - 1) / kBlockRows;
  const Dim work = std::max<Dim>(1, s.m * s.n * s.k / (panels * blocks));
  const bool by_columns = s.m * s.k <= kNear;
  parallel_for(panels * blocks, std::max<Dim>(1, kThreadWork / work), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) {
      const Dim block = by_columns ? i % blocks : i / panels, panel = by_columns ? i / blocks : i % panels;
      run_panel(s, alpha, a, b, add, c, panel * kWide, s.m * block / blocks, s.m * (block + 1) / blocks);
    }
  });
}

}  // namespace kerata::cpu
