// Batch normalization in training, x (rows, channels): statistics by fixed blocks of rows, so that the sums do not
// depend on the number of threads.
#include <algorithm>
#include <cmath>

#include "backend/parallel.h"
#include "cpu/nn_kernels.h"
#include "cpu/pack.h"
#include "ops/nn_attrs.h"

namespace kerata::cpu {
namespace {

using Target = KernelRegistry::Target;

constexpr Dim kMaxBlocks = 64, kMinRows = 16;

struct Rows {
  Dim rows, channels, block, blocks;
  Dim grain() const { return 1 + 16384 / (block * channels + 1); }
};

Rows rows_of(const Shape& x) {
  const Dim channels = x.back(), rows = channels == 0 ? 0 : x.size() / channels;
  const Dim block = std::max(kMinRows, (rows + kMaxBlocks - 1) / kMaxBlocks);
  return {rows, channels, block, (rows + block - 1) / block};
}

// Calls body(i) for packs of channels, then body for single ones: body(Tag, channel).
template <class T, class Wide, class Narrow>
inline void each_channel(Dim channels, const Wide& wide, const Narrow& narrow) {
  Dim c = 0;
  for (; c + kLanes<T> <= channels; c += kLanes<T>) wide(c);
  for (; c < channels; ++c) narrow(c);
}

// Per block of rows: a sum per channel into partial (blocks, channels), then all blocks in order into total.
template <class T, class Wide, class Narrow>
void sum_rows(const Rows& r, T* partial, T* total, const Wide& wide, const Narrow& narrow) {
  parallel_for(r.blocks, r.grain(), [&](Dim begin, Dim end) {
    for (Dim b = begin; b < end; ++b) {
      T* sums = partial + b * r.channels;
      std::fill(sums, sums + r.channels, T(0));
      for (Dim row = b * r.block; row < std::min(r.rows, (b + 1) * r.block); ++row) {
        const Dim at = row * r.channels;
        each_channel<T>(
            r.channels, [&](Dim c) { store(sums + c, Pack<T>(load(sums + c) + wide(at + c, c))); },
            [&](Dim c) { sums[c] += narrow(at + c, c); });
      }
    }
  });
  std::fill(total, total + r.channels, T(0));
  for (Dim b = 0; b < r.blocks; ++b)
    for (Dim c = 0; c < r.channels; ++c) total[c] += partial[b * r.channels + c];
}

// y[i] = f(i, channel) over all rows.
template <class T, class Wide, class Narrow>
void map_rows(const Rows& r, T* y, const Wide& wide, const Narrow& narrow) {
  parallel_for(r.blocks, r.grain(), [&](Dim begin, Dim end) {
    for (Dim row = begin * r.block; row < std::min(r.rows, end * r.block); ++row) {
      const Dim at = row * r.channels;
      each_channel<T>(
          r.channels, [&](Dim c) { store(y + at + c, Pack<T>(wide(at + c, c))); },
          [&](Dim c) { y[at + c] = narrow(at + c, c); });
    }
  });
}

// y = (x - mean) / sqrt(var + eps) * gamma + beta, as x * scale + shift
template <class T>
std::unique_ptr<Kernel> forward_kernel(const KernelSpec& spec) {
  const Rows r = rows_of(spec.in[0].shape);
  const T epsilon = static_cast<T>(spec.attrs.as<ops::BatchNormAttrs>().epsilon);
  const auto run = [r, epsilon](const KernelArgs& args) {
    const T *x = args.input<T>(0), *gamma = args.input<T>(1), *beta = args.input<T>(2);
    T *y = args.output<T>(0), *mean = args.output<T>(1), *var = args.output<T>(2);
    T *scale = static_cast<T*>(args.workspace), *shift = scale + r.channels, *partial = shift + r.channels;
    const T count = static_cast<T>(r.rows);
    sum_rows(
        r, partial, mean, [&](Dim i, Dim) { return load(x + i); }, [&](Dim i, Dim) { return x[i]; });
    for (Dim c = 0; c < r.channels; ++c) mean[c] /= count;
    auto square = [](auto v) { return v * v; };
    sum_rows(
        r, partial, var, [&](Dim i, Dim c) { return square(Pack<T>(load(x + i) - load(mean + c))); },
        [&](Dim i, Dim c) { return square(x[i] - mean[c]); });
    for (Dim c = 0; c < r.channels; ++c) {
      var[c] /= count;
      scale[c] = gamma[c] / std::sqrt(var[c] + epsilon);
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    map_rows(
        r, y, [&](Dim i, Dim c) { return load(x + i) * load(scale + c) + load(shift + c); },
        [&](Dim i, Dim c) { return x[i] * scale[c] + shift[c]; });
  };
  return make_kernel(run, static_cast<std::size_t>((2 + r.blocks) * r.channels) * sizeof(T));
}

// [x, gamma, mean, var, dy]; r = 1 / sqrt(var + eps), xh = (x - mean) r:
// dbeta = sum(dy), dgamma = sum(dy xh), dx = gamma r (dy - dbeta / n - xh dgamma / n), https://arxiv.org/abs/1502.03167
template <class T>
std::unique_ptr<Kernel> grad_kernel(const KernelSpec& spec) {
  const Rows r = rows_of(spec.in[0].shape);
  const T epsilon = static_cast<T>(spec.attrs.as<ops::BatchNormAttrs>().epsilon);
  const auto run = [r, epsilon](const KernelArgs& args) {
    const T *x = args.input<T>(0), *gamma = args.input<T>(1), *mean = args.input<T>(2), *var = args.input<T>(3),
            *dy = args.input<T>(4);
    T *dx = args.output<T>(0), *dgamma = args.output<T>(1), *dbeta = args.output<T>(2);
    T *scale = static_cast<T*>(args.workspace), *slope = scale + r.channels, *shift = slope + r.channels,
      *partial = shift + r.channels;
    sum_rows(
        r, partial, dbeta, [&](Dim i, Dim) { return load(dy + i); }, [&](Dim i, Dim) { return dy[i]; });
    sum_rows(
        r, partial, dgamma, [&](Dim i, Dim c) { return load(dy + i) * (load(x + i) - load(mean + c)); },
        [&](Dim i, Dim c) { return dy[i] * (x[i] - mean[c]); });
    const T count = static_cast<T>(r.rows);
    for (Dim c = 0; c < r.channels; ++c) {  // dx = scale dy - slope (x - mean) - shift
      const T inverse = 1 / std::sqrt(var[c] + epsilon);
      scale[c] = gamma[c] * inverse;
      slope[c] = scale[c] * inverse * inverse * dgamma[c] / count;
      shift[c] = scale[c] * dbeta[c] / count;
      dgamma[c] *= inverse;
    }
    map_rows(
        r, dx,
        [&](Dim i, Dim c) {
          return load(scale + c) * load(dy + i) - load(slope + c) * (load(x + i) - load(mean + c)) - load(shift + c);
        },
        [&](Dim i, Dim c) { return scale[c] * dy[i] - slope[c] * (x[i] - mean[c]) - shift[c]; });
  };
  return make_kernel(run, static_cast<std::size_t>((3 + r.blocks) * r.channels) * sizeof(T));
}

}  // namespace

void register_batch_norm_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kBatchNorm, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return forward_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kBatchNormGrad, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return grad_kernel<T>(spec); });
  });
}

}  // namespace kerata::cpu
