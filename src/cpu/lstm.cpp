// LSTM over all steps. Samples do not meet before the weight gradients, so threads take blocks of the batch through
// all steps; blocks have a fixed size, so that results do not depend on the number of threads.
#include <algorithm>
#include <cstring>

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
  Dim gate_row(Dim n, Dim t) const { return (n * steps + t) * 4 * units; }
  Dim row(Dim n, Dim t) const { return (n * steps + t) * units; }
};

// g: gates i, f, c, o before their activations (bias not added); c = f c_before + i tanh(.), h = o tanh(c)
template <class T>
void cell(Dim units, T* g, const T* bias, const T* c_before, T* c, T* h) {
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
  const T *h0, *c0, *recurrent, *bias;
  const bool* mask;
  T *h, *gates, *cells;

  void block(Dim first, Dim count) const {
    const Dim u = s.units;
    for (Dim t = 0; t < s.steps; ++t) {
      const T* before = t == 0 ? h0 + first * u : h + s.row(first, t - 1);
      gemm(GemmShape{false, false, count, 4 * u, u, t == 0 ? u : s.steps * u, 4 * u, s.steps * 4 * u}, T(1), before, recurrent,
           T(1), gates + s.gate_row(first, t));
      for (Dim n = first; n < first + count; ++n) step(n, t);
    }
  }

  void step(Dim n, Dim t) const {
    const Dim u = s.units;
    const T* c_before = t == 0 ? c0 + n * u : cells + s.row(n, t - 1);
    T *c = cells + s.row(n, t), *to = h + s.row(n, t);
    cell(u, gates + s.gate_row(n, t), bias, c_before, c, to);
    if (!mask || mask[n * s.steps + t]) return;
    std::copy_n(c_before, u, c);
    std::copy_n(t == 0 ? h0 + n * u : h + s.row(n, t - 1), u, to);
  }
};

template <class T>
void run_forward(const LstmShape& s, bool has_mask, const KernelArgs& args) {
  const T *x = args.input<T>(0), *h0 = args.input<T>(1), *c0 = args.input<T>(2), *kernel = args.input<T>(3);
  const Forward<T> f{s, h0, c0, args.input<T>(4), args.input<T>(5), has_mask ? args.input<bool>(6) : nullptr,
                     args.output<T>(0), args.output<T>(3), args.output<T>(4)};
  gemm(gemm_shape(false, false, s.batch * s.steps, 4 * s.units, s.features), T(1), x, kernel, T(0), f.gates);
  parallel_for(s.blocks(), 1, [&](Dim begin, Dim end) {
    for (Dim b = begin; b < end; ++b) f.block(b * kBlock, std::min(kBlock, s.batch - b * kBlock));
  });
  for (Dim n = 0; n < s.batch; ++n) {
    const bool none = s.steps == 0;
    std::copy_n(none ? h0 + n * s.units : f.h + s.row(n, s.steps - 1), s.units, args.output<T>(1) + n * s.units);
    std::copy_n(none ? c0 + n * s.units : f.cells + s.row(n, s.steps - 1), s.units, args.output<T>(2) + n * s.units);
  }
}

template <class T>
std::unique_ptr<Kernel> forward_kernel(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const LstmShape s{x[0], x[1], x[2], spec.in[1].shape[1]};
  return make_kernel([s, has_mask = spec.attrs.as<ops::LstmAttrs>().has_mask](const KernelArgs& args) {
    run_forward<T>(s, has_mask, args);
  });
}

// Backward through time; dh and dc (batch, units) carry the gradients of the states.
template <class T>
struct Backward {
  LstmShape s;
  const T *c0, *recurrent, *gates, *cells, *dh_steps;
  const bool* mask;
  T *dgates, *dh, *dc, *curve;  // curve (batch, units): tanh(c) of the step

  void block(Dim first, Dim count) const {
    const Dim u = s.units;
    for (Dim t = s.steps - 1; t >= 0; --t) {
      for (Dim n = first; n < first + count; ++n) step(n, t);
      // The state before step t: through the gates, and past the cell where the step was masked.
      gemm(GemmShape{false, true, count, u, 4 * u, s.steps * 4 * u, 4 * u, u}, T(1), dgates + s.gate_row(first, t), recurrent,
           mask ? T(1) : T(0), dh + first * u);
    }
  }

  void step(Dim n, Dim t) const {
    const Dim u = s.units;
    T *d = dgates + s.gate_row(n, t), *dh_n = dh + n * u, *dc_n = dc + n * u, *y = curve + n * u;
    if (dh_steps)
      for (Dim j = 0; j < u; ++j) dh_n[j] += dh_steps[s.row(n, t) + j];
    if (mask && !mask[n * s.steps + t]) {
      std::fill_n(d, 4 * u, T(0));
      return;
    }
    const T *g = gates + s.gate_row(n, t), *before = t == 0 ? c0 + n * u : cells + s.row(n, t - 1);
    const T *i = g, *f = g + u, *candidate = g + 2 * u, *o = g + 3 * u;
    run_unary(ops::kTanh, cells + s.row(n, t), y, u);
    for (Dim j = 0; j < u; ++j) {
      const T through = dc_n[j] + dh_n[j] * o[j] * (1 - y[j] * y[j]);
      d[j] = through * candidate[j] * i[j] * (1 - i[j]);
      d[u + j] = through * before[j] * f[j] * (1 - f[j]);
      d[2 * u + j] = through * i[j] * (1 - candidate[j] * candidate[j]);
      d[3 * u + j] = dh_n[j] * y[j] * o[j] * (1 - o[j]);
      dc_n[j] = through * f[j];
    }
    if (mask) std::fill_n(dh_n, u, T(0));
  }
};

// bias gradient (4 units) = sum of the rows of dgates
template <class T>
void sum_gate_rows(const LstmShape& s, const T* dgates, T* dbias) {
  const Dim width = 4 * s.units;
  parallel_for(width / 4, 128, [&](Dim begin, Dim end) {
    std::fill(dbias + 4 * begin, dbias + 4 * end, T(0));
    for (Dim row = 0; row < s.batch * s.steps; ++row)
      for (Dim j = 4 * begin; j < 4 * end; ++j) dbias[j] += dgates[row * width + j];
  });
}

// drecurrent (units, 4 units) = sum over steps of h_before^T dgates. h_before is h one row further up, except at the
// first step of each sample: those rows of dgates are moved to `first` (batch, 4 units) and multiplied with h0.
template <class T>
void recurrent_grad(const LstmShape& s, const T* h0, const T* h, T* dgates, T* first, T* result) {
  const Dim u = s.units, rows = s.batch * s.steps;
  for (Dim n = 0; n < s.batch && s.steps > 0; ++n) {
    std::copy_n(dgates + s.gate_row(n, 0), 4 * u, first + n * 4 * u);
    std::fill_n(dgates + s.gate_row(n, 0), 4 * u, T(0));
  }
  gemm(gemm_shape(true, false, u, 4 * u, std::max<Dim>(0, rows - 1)), T(1), h, dgates + 4 * u, T(0), result);
  if (s.steps > 0) gemm(gemm_shape(true, false, u, 4 * u, s.batch), T(1), h0, first, T(1), result);
}

template <class T>
void run_backward(const LstmShape& s, const ops::LstmGradAttrs& p, const KernelArgs& args) {
  std::size_t next = 8;
  const T* dh_steps = p.has_dh ? args.input<T>(next++) : nullptr;
  const T* dh_last = p.has_dh_last ? args.input<T>(next++) : nullptr;
  const T* dc_last = p.has_dc_last ? args.input<T>(next++) : nullptr;
  const bool* mask = p.has_mask ? args.input<bool>(next) : nullptr;
  const T *x = args.input<T>(0), *h0 = args.input<T>(1), *kernel = args.input<T>(3);
  const Dim states = s.batch * s.units, u = s.units, rows = s.batch * s.steps;
  T *dgates = static_cast<T*>(args.workspace), *first = dgates + 4 * rows * u, *curve = first + 4 * states;
  T *dh = args.output<T>(1), *dc = args.output<T>(2);
  dh_last ? std::copy_n(dh_last, states, dh) : std::fill_n(dh, states, T(0));
  dc_last ? std::copy_n(dc_last, states, dc) : std::fill_n(dc, states, T(0));
  const Backward<T> b{s, args.input<T>(2), args.input<T>(4), args.input<T>(6), args.input<T>(7), dh_steps, mask, dgates, dh, dc,
                      curve};
  parallel_for(s.blocks(), 1, [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) b.block(i * kBlock, std::min(kBlock, s.batch - i * kBlock));
  });
  gemm(gemm_shape(false, true, rows, s.features, 4 * u), T(1), dgates, kernel, T(0), args.output<T>(0));
  gemm(gemm_shape(true, false, s.features, 4 * u, rows), T(1), x, dgates, T(0), args.output<T>(3));
  sum_gate_rows(s, dgates, args.output<T>(5));
  recurrent_grad(s, h0, args.input<T>(5), dgates, first, args.output<T>(4));
}

template <class T>
std::unique_ptr<Kernel> backward_kernel(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const LstmShape s{x[0], x[1], x[2], spec.in[1].shape[1]};
  const Dim elements = s.batch * s.units * (4 * s.steps + 5);
  return make_kernel([s, p = spec.attrs.as<ops::LstmGradAttrs>()](const KernelArgs& args) { run_backward<T>(s, p, args); },
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
