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
constexpr Dim kHalfElements = 1 << 14;               // of a result that is made of two halves

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

// One panel of columns of c for rows [first, last); panel_of(k0, depth, wide): rows of op(b) and their distance.
template <class F>
inline void run_panel(const GemmShape& s, float alpha, const float* a, bool add, float* c, Dim j, Dim first, Dim last,
                      const F& panel_of) {
  alignas(64) float edge[kMaxRows * kWide];
  const Dim width = std::min(kWide, s.n - j), wide = width <= kLane ? kLane : kWide;
  const auto& kernels = wide == kLane ? kTiles1 : kTiles2;
  const Dim groups = (last - first + kMaxRows - 1) / kMaxRows, pieces = (s.k + kDepth - 1) / kDepth;
  for (Dim piece = 0; piece < pieces; ++piece) {  // of equal size, as far as that goes, like the groups
    const Dim k0 = s.k * piece / pieces, depth = s.k * (piece + 1) / pieces - k0;
    const auto [panel, ldb] = panel_of(k0, depth, wide);
    const Scale scale{alpha, add || k0 > 0};
    for (Dim group = 0; group < groups; ++group) {
      const Dim row = first + (last - first) * group / groups,
                rows = first + (last - first) * (group + 1) / groups - row;
      const Rows x = s.trans_a ? Rows{a + k0 * s.lda + row, 1, s.lda} : Rows{a + row * s.lda + k0, s.lda, 1};
      const Tile kernel = kernels[static_cast<std::size_t>(rows - 1)];
      float* to = c + row * s.ldc + j;
      if (width == wide) {
        kernel(x, panel, ldb, depth, to, s.ldc, scale);
        continue;
      }
      kernel(x, panel, ldb, depth, edge, wide, {alpha, false});
      for (Dim r = 0; r < rows; ++r)
        for (Dim i = 0; i < width; ++i) to[r * s.ldc + i] = edge[r * wide + i] + (scale.add ? to[r * s.ldc + i] : 0);
    }
  }
}

using Panel = std::pair<const float*, Dim>;

// The same from b as it lies: few rows read it in place, more of them a packed copy.
void run_loose_panel(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c, Dim j,
                     Dim first, Dim last) {
  alignas(64) float packed[kDepth * kWide];
  const Dim width = std::min(kWide, s.n - j);
  const bool direct = !s.trans_b && width % kLane == 0 && last - first <= 4 * kMaxRows;
  run_panel(s, alpha, a, add, c, j, first, last, [&](Dim k0, Dim depth, Dim wide) {
    if (direct) return Panel{b + k0 * s.ldb + j, s.ldb};
    pack_panel(s, b, k0, depth, j, width, wide, packed);
    return Panel{packed, wide};
  });
}

// Rows [0, k / 2) of b and the others apart, so that a thread reads the rows that it writes as c of the update.
void halves_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c) {
  alignas(64) float rest[kHalfElements];  // c from the second half
  const Dim panels = (s.n + kWide - 1) / kWide, half = s.k / 2;
  GemmShape upper = s, lower = s;
  upper.k = half, lower.k = s.k - half, lower.ldc = s.n;
  parallel_for(2 * panels, std::max<Dim>(1, kThreadWork * panels / (s.m * s.n * half)), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) {
      if (i < panels)
        run_loose_panel(upper, alpha, a, b, add, c, i * kWide, 0, s.m);
      else
        run_loose_panel(lower, alpha, a + half, b + half * s.ldb, false, rest, (i - panels) * kWide, 0, s.m);
    }
  });
  for (Dim row = 0; row < s.m; ++row)
    for (Dim j = 0; j < s.n; ++j) c[row * s.ldc + j] += rest[row * s.n + j];
}

}  // namespace

// The rows of a layer's weights belong to threads, for they stay in the same core's cache from the update, which writes
// them as c, over the product of the next step, which reads them as b, to the way back, which reads them transposed.
void panel_sgemm(const GemmShape& s, float alpha, const float* a, const float* b, bool add, float* c) {
  if (!s.trans_a && !s.trans_b && s.m <= kBlockRows && s.m * s.n <= kHalfElements && s.k >= 2 * kDepth)
    return halves_sgemm(s, alpha, a, b, add, c);
  const Dim panels = (s.n + kWide - 1) / kWide;
  Dim blocks = (s.m + kBlockRows - 1) / kBlockRows;
  if (s.trans_a && s.m >= 2 * kMaxRows) blocks = (blocks + 1) / 2 * 2;
  const Dim work = std::max<Dim>(1, s.m * s.n * s.k / (panels * blocks));
  const bool by_columns = !s.trans_a && s.m * s.k <= kNear;  // a large a is read once, block by block
  parallel_for(panels * blocks, std::max<Dim>(1, kThreadWork / work), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) {
      const Dim block = by_columns ? i % blocks : i / panels, panel = by_columns ? i / blocks : i % panels;
      run_loose_panel(s, alpha, a, b, add, c, panel * kWide, s.m * block / blocks, s.m * (block + 1) / blocks);
    }
  });
}

Dim packed_size(Dim k, Dim n) { return (n + kWide - 1) / kWide * kWide * k; }

void pack_b(const GemmShape& s, const float* b, float* packed) {
  const Dim panels = (s.n + kWide - 1) / kWide;
  parallel_for(panels, std::max<Dim>(1, 65536 / (s.k * kWide + 1)), [&](Dim begin, Dim end) {
    for (Dim panel = begin; panel < end; ++panel) {
      const Dim j = panel * kWide, width = std::min(kWide, s.n - j);
      pack_panel(s, b, 0, s.k, j, width, width <= kLane ? kLane : kWide, packed + j * s.k);
    }
  });
}

void packed_sgemm(const GemmShape& s, float alpha, const float* a, const float* packed, bool add, float* c) {
  if (s.k == 0 && !add)
    for (Dim row = 0; row < s.m; ++row) std::fill_n(c + row * s.ldc, s.n, 0.0f);
  const Dim panels = (s.n + kWide - 1) / kWide, work = std::max<Dim>(1, s.m * s.k * kWide);
  parallel_for(panels, std::max<Dim>(1, kThreadWork / work), [&](Dim begin, Dim end) {
    for (Dim j = begin * kWide; j < std::min(s.n, end * kWide); j += kWide)
      run_panel(s, alpha, a, add, c, j, 0, s.m, [&](Dim k0, Dim, Dim wide) {
        return Panel{packed + j * s.k + k0 * wide, wide};
      });
  });
}

}  // namespace kerata::cpu
