// LSTM over all steps. Samples do not meet before the weight gradients, so threads take blocks of the batch through
// all steps; blocks have a fixed size, so that results do not depend on the number of threads.
#include <algorithm>

#include "backend/parallel.h"
#include "cpu/gemm.h"
#include "cpu/nn_kernels.h"
#include "cpu/rows.h"
#include "ops/nn_attrs.h"

namespace kerata::cpu {
namespace {

using Target = KernelRegistry::Target;

constexpr Dim kBlock = 16;  // samples

struct LstmShape {
  Dim batch, steps, features, units;
  Dim blocks() const { return (batch + kBlock - 1) / kBlock; }
  Dim rows() const { return batch * steps; }
};

// (batch, steps, width) <-> (steps, batch, width): inside, all of one step lies together.
template <class T>
void swap_axes(const T* from, Dim outer, Dim inner, Dim width, T* to) {
  parallel_for(inner, 1 + 32768 / (outer * width + 1), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i)
      for (Dim o = 0; o < outer; ++o) std::copy_n(from + (o * inner + i) * width, width, to + (i * outer + o) * width);
  });
}

// g: gates i, f, c, o before their activations (bias not added); c = f c_before + i tanh(.), h = o tanh(c)
template <class T>
void cell(Dim units, T* __restrict g, const T* __restrict bias, const T* __restrict c_before, T* __restrict c,
          T* __restrict h) {
  for (Dim j = 0; j < 4 * units; ++j) g[j] += bias[j];
  run_unary(ops::kSigmoid, g, g, 2 * units);
  run_unary(ops::kTanh, g + 2 * units, g + 2 * units, units);
  run_unary(ops::kSigmoid, g + 3 * units, g + 3 * units, units);
  const T *i = g, *f = g + units, *candidate = g + 2 * units, *o = g + 3 * units;
  for (Dim j = 0; j < units; ++j) c[j] = f[j] * c_before[j] + i[j] * candidate[j];
  run_unary(ops::kTanh, c, h, units);
  for (Dim j = 0; j < units; ++j) h[j] *= o[j];
}

template <class T>
struct Forward {
  LstmShape s;
  const T *x, *h0, *c0, *kernel, *recurrent, *bias;
  const bool* mask;
  T *h, *gates, *cells;  // h (batch, steps, units), the others steps first

  void block(Dim first, Dim count) const {
    const Dim u = s.units;
    for (Dim t = 0; t < s.steps; ++t) {
      T* g = gates + (t * s.batch + first) * 4 * u;
      const T* before = t == 0 ? h0 + first * u : h + (first * s.steps + t - 1) * u;
      gemm(GemmShape{false, false, count, 4 * u, s.features, s.steps * s.features, 4 * u, 4 * u}, T(1),
           x + (first * s.steps + t) * s.features, kernel, T(0), g);
      gemm(GemmShape{false, false, count, 4 * u, u, t == 0 ? u : s.steps * u, 4 * u, 4 * u}, T(1), before, recurrent,
           T(1), g);
      for (Dim n = first; n < first + count; ++n) step(n, t);
    }
  }

  void step(Dim n, Dim t) const {
    const Dim u = s.units, row = t * s.batch + n;
    const T* c_before = t == 0 ? c0 + n * u : cells + (row - s.batch) * u;
    T *c = cells + row * u, *to = h + (n * s.steps + t) * u;
    cell(u, gates + row * 4 * u, bias, c_before, c, to);
    if (!mask || mask[n * s.steps + t]) return;
    std::copy_n(c_before, u, c);
    std::copy_n(t == 0 ? h0 + n * u : to - u, u, to);
  }
};

template <class T>
void run_forward(const LstmShape& s, bool has_mask, const KernelArgs& args) {
  const T *h0 = args.input<T>(1), *c0 = args.input<T>(2);
  const Forward<T> f{s,
                     args.input<T>(0),
                     h0,
                     c0,
                     args.input<T>(3),
                     args.input<T>(4),
                     args.input<T>(5),
                     has_mask ? args.input<bool>(6) : nullptr,
                     args.output<T>(0),
                     args.output<T>(3),
                     args.output<T>(4)};
  parallel_for(s.blocks(), 1, [&](Dim begin, Dim end) {
    for (Dim b = begin; b < end; ++b) f.block(b * kBlock, std::min(kBlock, s.batch - b * kBlock));
  });
  const Dim u = s.units;
  const bool none = s.steps == 0;
  for (Dim n = 0; n < s.batch; ++n)
    std::copy_n(none ? h0 + n * u : f.h + ((n + 1) * s.steps - 1) * u, u, args.output<T>(1) + n * u);
  std::copy_n(none ? c0 : f.cells + (s.steps - 1) * s.batch * u, s.batch * u, args.output<T>(2));
}

template <class T>
std::unique_ptr<Kernel> forward_kernel(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const LstmShape s{x[0], x[1], x[2], spec.in[1].shape[1]};
  return make_kernel([s, has_mask = spec.attrs.as<ops::LstmAttrs>().has_mask](const KernelArgs& args) {
    run_forward<T>(s, has_mask, args);
  });
}

// d: gradients of the gates before their activations, from dh, dc (and dc of the step before in dc); y = tanh(c)
template <class T>
void cell_grad(Dim u, const T* __restrict g, const T* __restrict before, const T* __restrict y, const T* __restrict dh,
               T* __restrict dc, T* __restrict d) {
  const T *i = g, *f = g + u, *candidate = g + 2 * u, *o = g + 3 * u;
  for (Dim j = 0; j < u; ++j) {
    const T through = dc[j] + dh[j] * o[j] * (1 - y[j] * y[j]);
    d[j] = through * candidate[j] * i[j] * (1 - i[j]);
    d[u + j] = through * before[j] * f[j] * (1 - f[j]);
    d[2 * u + j] = through * i[j] * (1 - candidate[j] * candidate[j]);
    d[3 * u + j] = dh[j] * y[j] * o[j] * (1 - o[j]);
    dc[j] = through * f[j];
  }
}

// Backward through time; dh and dc (batch, units) carry the gradients of the states.
template <class T>
struct Backward {
  LstmShape s;
  const T *c0, *back, *gates, *cells, *dh_steps;  // back (4 units, units): recurrent^T; dh_steps (batch, steps, units)
  const bool* mask;
  T *dgates, *dh, *dc, *curve;  // dgates (steps, batch, 4 units); curve (batch, units): tanh(c) of the step

  void block(Dim first, Dim count) const {
    const Dim u = s.units;
    for (Dim t = s.steps - 1; t >= 0; --t) {
      for (Dim n = first; n < first + count; ++n) step(n, t);
      // The state before step t: through the gates, and past the cell where the step was masked.
      gemm(GemmShape{false, false, count, u, 4 * u, 4 * u, u, u}, T(1), dgates + (t * s.batch + first) * 4 * u, back,
           mask ? T(1) : T(0), dh + first * u);
    }
  }

  void step(Dim n, Dim t) const {
    const Dim u = s.units, row = t * s.batch + n;
    T *d = dgates + row * 4 * u, *dh_n = dh + n * u;
    if (dh_steps)
      for (Dim j = 0; j < u; ++j) dh_n[j] += dh_steps[(n * s.steps + t) * u + j];
    if (mask && !mask[n * s.steps + t]) {
      std::fill_n(d, 4 * u, T(0));
      return;
    }
    run_unary(ops::kTanh, cells + row * u, curve + n * u, u);
    cell_grad(u, gates + row * 4 * u, t == 0 ? c0 + n * u : cells + (row - s.batch) * u, curve + n * u, dh_n,
              dc + n * u, d);
    if (mask) std::fill_n(dh_n, u, T(0));
  }
};

// total (width) = sum of the rows of x
template <class T>
void sum_rows(const T* x, Dim rows, Dim width, T* total) {
  parallel_for(width / 4, 128, [&](Dim begin, Dim end) {
    std::fill(total + 4 * begin, total + 4 * end, T(0));
    for (Dim row = 0; row < rows; ++row)
      for (Dim j = 4 * begin; j < 4 * end; ++j) total[j] += x[row * width + j];
  });
}

// What the weights were multiplied with, steps first.
template <class T>
void weight_grads(const LstmShape& s, const KernelArgs& args, const T* dgates, T* steps_first) {
  const Dim u = s.units, states = s.batch * u;
  swap_axes(args.input<T>(0), s.batch, s.steps, s.features, steps_first);
  gemm(gemm_shape(true, false, s.features, 4 * u, s.rows()), T(1), steps_first, dgates, T(0), args.output<T>(3));
  if (s.steps > 0) {  // h of the step before; the last is not needed
    swap_axes(args.input<T>(6), s.batch, s.steps, u, steps_first + states);
    std::copy_n(args.input<T>(1), states, steps_first);
  }
  gemm(gemm_shape(true, false, u, 4 * u, s.rows()), T(1), steps_first, dgates, T(0), args.output<T>(4));
  sum_rows(dgates, s.rows(), 4 * u, args.output<T>(5));
}

template <class T>
void run_backward(const LstmShape& s, const ops::LstmGradAttrs& p, const KernelArgs& args) {
  std::size_t next = 9;
  const T* dh_steps = p.has_dh ? args.input<T>(next++) : nullptr;
  const T* dh_last = p.has_dh_last ? args.input<T>(next++) : nullptr;
  const T* dc_last = p.has_dc_last ? args.input<T>(next++) : nullptr;
  const bool* mask = p.has_mask ? args.input<bool>(next) : nullptr;
  const Dim states = s.batch * s.units;
  T *dgates = static_cast<T*>(args.workspace), *curve = dgates + 4 * s.rows() * s.units, *steps_first = curve + states;
  T* back =
      steps_first + s.batch * (s.steps + 1) * std::max(s.units, s.features);  // used at every step: transposed once
  swap_axes(args.input<T>(4), s.units, 4 * s.units, 1, back);
  T *dh = args.output<T>(1), *dc = args.output<T>(2);
  dh_last ? std::copy_n(dh_last, states, dh) : std::fill_n(dh, states, T(0));
  dc_last ? std::copy_n(dc_last, states, dc) : std::fill_n(dc, states, T(0));
  const Backward<T> b{s,    args.input<T>(2), back, args.input<T>(7), args.input<T>(8), dh_steps, mask, dgates, dh, dc,
                      curve};
  parallel_for(s.blocks(), 1, [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) b.block(i * kBlock, std::min(kBlock, s.batch - i * kBlock));
  });
  weight_grads(s, args, dgates, steps_first);
  gemm(gemm_shape(false, true, s.rows(), s.features, 4 * s.units), T(1), dgates, args.input<T>(3), T(0), steps_first);
  swap_axes(steps_first, s.steps, s.batch, s.features, args.output<T>(0));
}

template <class T>
std::unique_ptr<Kernel> backward_kernel(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const LstmShape s{x[0], x[1], x[2], spec.in[1].shape[1]};
  const Dim elements = s.batch * s.units * (4 * s.steps + 1) + s.batch * (s.steps + 1) * std::max(s.units, s.features) +
                       4 * s.units * s.units;
  return make_kernel(
      [s, p = spec.attrs.as<ops::LstmGradAttrs>()](const KernelArgs& args) { run_backward<T>(s, p, args); },
      static_cast<std::size_t>(elements) * sizeof(T));
}

}  // namespace

void register_lstm_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kLstm, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return forward_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kLstmGrad, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return backward_kernel<T>(spec); });
  });
}

}  // namespace kerata::cpu
