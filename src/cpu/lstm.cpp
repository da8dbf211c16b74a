// LSTM over all steps. Samples do not meet before the weight gradients, so threads take blocks of the batch through
// all steps; blocks have a fixed size, so that results do not depend on the number of threads.
#include <algorithm>
#include <concepts>

#include "backend/parallel.h"
#include "cpu/functors.h"
#include "cpu/gemm.h"
#include "cpu/nn_kernels.h"
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

// (batch, steps, width) -> (steps, batch, width)
template <class T>
void swap_axes(const T* from, Dim outer, Dim inner, Dim width, T* to) {
  parallel_for(inner, 1 + 32768 / (outer * width + 1), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i)
      for (Dim o = 0; o < outer; ++o) std::copy_n(from + (o * inner + i) * width, width, to + (i * outer + o) * width);
  });
}

// Weights w (stored_rows, 4 units) that every step multiplies with: op(w), packed once where that pays.
template <class T>
struct StepWeights {
  GemmShape shape;
  const T* data;
  bool packed;

  static Dim size(Dim rows, Dim units) {
    return std::same_as<T, float> ? std::max(packed_size(rows, 4 * units), packed_size(4 * units, rows)) : 0;
  }
  static StepWeights make(const T* w, Dim rows, Dim units, bool transposed, bool often, T* memory) {
    const GemmShape s =
        transposed ? gemm_shape(false, true, 0, rows, 4 * units) : gemm_shape(false, false, 0, 4 * units, rows);
    if constexpr (std::same_as<T, float>) {
      if (often) {
        pack_b(s, w, memory);
        return {s, memory, true};
      }
    }
    return {s, w, false};
  }
  // c (rows, n) = a (rows, k) op(w), or added to c; a without gaps
  void multiply(Dim rows, const T* a, bool add, T* c, Dim ldc) const {
    GemmShape s = shape;
    s.m = rows, s.ldc = ldc;
    if constexpr (std::same_as<T, float>) {
      if (packed) return packed_sgemm(s, 1.0f, a, data, add, c);
    }
    gemm(s, T(1), a, data, add ? T(1) : T(0), c);
  }
};

template <class T, class F>
inline void each_unit(Dim units, const F& body) {
  if constexpr (std::same_as<T, float>) {
#pragma omp simd
    for (Dim j = 0; j < units; ++j) body(j);
  } else {
    for (Dim j = 0; j < units; ++j) body(j);
  }
}

// g: gates i, f, c, o before their activations (bias not added); c = f c_before + i tanh(.), h = o tanh(c)
template <class T>
void cell(Dim u, T* __restrict g, const T* __restrict bias, const T* __restrict c_before, T* __restrict c,
          T* __restrict h) {
  const Sigmoid sigmoid;
  const Tanh tanh;
  each_unit<T>(u, [=](Dim j) {
    const T i = sigmoid(g[j] + bias[j]), f = sigmoid(g[u + j] + bias[u + j]);
    const T candidate = tanh(g[2 * u + j] + bias[2 * u + j]), o = sigmoid(g[3 * u + j] + bias[3 * u + j]);
    const T state = f * c_before[j] + i * candidate;
    g[j] = i, g[u + j] = f, g[2 * u + j] = candidate, g[3 * u + j] = o;
    c[j] = state;
    h[j] = o * tanh(state);
  });
}

template <class T>
struct Forward {
  LstmShape s;
  const T *x, *h0, *c0, *bias;
  const bool* mask;
  T *h, *gates, *cells;  // h (batch, steps, units), the others steps first
  StepWeights<T> kernel, recurrent;
  T* dense;  // per block: x (samples, features) of the step and h (samples, units) of the step before, without gaps

  void block(Dim first, Dim count) const {
    const Dim u = s.units, f = s.features;
    T *xs = dense + first * (f + u), *state = xs + count * f;
    std::copy_n(h0 + first * u, count * u, state);
    for (Dim t = 0; t < s.steps; ++t) {
      T* g = gates + (t * s.batch + first) * 4 * u;
      for (Dim n = 0; n < count; ++n) std::copy_n(x + ((first + n) * s.steps + t) * f, f, xs + n * f);
      kernel.multiply(count, xs, false, g, 4 * u);
      recurrent.multiply(count, state, true, g, 4 * u);
      for (Dim n = 0; n < count; ++n) step(first + n, t, state + n * u);
    }
  }

  void step(Dim n, Dim t, T* state) const {
    const Dim u = s.units, row = t * s.batch + n;
    const T* c_before = t == 0 ? c0 + n * u : cells + (row - s.batch) * u;
    if (!mask || mask[n * s.steps + t])
      cell(u, gates + row * 4 * u, bias, c_before, cells + row * u, state);
    else
      std::copy_n(c_before, u, cells + row * u);
    std::copy_n(state, u, h + (n * s.steps + t) * u);
  }
};

template <class T>
struct ForwardMemory {
  explicit ForwardMemory(const LstmShape& s)
      : often(s.batch >= 4 && s.steps >= 4),
        kernel(often ? StepWeights<T>::size(s.features, s.units) : 0),
        recurrent(often ? StepWeights<T>::size(s.units, s.units) : 0),
        dense(s.batch * (s.features + s.units)) {}
  std::size_t bytes() const { return static_cast<std::size_t>(kernel + recurrent + dense) * sizeof(T); }
  bool often;  // whether packing pays
  Dim kernel, recurrent, dense;
};

template <class T>
void run_forward(const LstmShape& s, bool has_mask, const KernelArgs& args) {
  const T *h0 = args.input<T>(1), *c0 = args.input<T>(2);
  const ForwardMemory<T> memory(s);
  T* work = static_cast<T*>(args.workspace);
  const Forward<T> f{
      s,
      args.input<T>(0),
      h0,
      c0,
      args.input<T>(5),
      has_mask ? args.input<bool>(6) : nullptr,
      args.output<T>(0),
      args.output<T>(3),
      args.output<T>(4),
      StepWeights<T>::make(args.input<T>(3), s.features, s.units, false, memory.often, work),
      StepWeights<T>::make(args.input<T>(4), s.units, s.units, false, memory.often, work + memory.kernel),
      work + memory.kernel + memory.recurrent};
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
  return make_kernel([s, has_mask = spec.attrs.as<ops::LstmAttrs>().has_mask](
                         const KernelArgs& args) { run_forward<T>(s, has_mask, args); },
                     ForwardMemory<T>(s).bytes());
}

// One sample and step on the way back.
template <class T>
struct CellGrad {
  const T *gates, *cell, *before;  // of the forward step: gates (4 units), c, c of the step before
  const T *dh, *dh_step;           // gradients of h from the step after, and of this step's output (or null)
  T* dc;                           // of c; then of c of the step before
  T *d, *dbias;                    // of the gates before their activations; their sum
};
template <class T, bool kStep>
void cell_grad(Dim u, const CellGrad<T>& p) {
  const T* __restrict g = p.gates, * __restrict cell = p.cell, * __restrict before = p.before;
  const T* __restrict dh = p.dh, * __restrict dh_step = p.dh_step;
  T* __restrict dc = p.dc, * __restrict d = p.d, * __restrict dbias = p.dbias;
  const Tanh tanh;
  each_unit<T>(u, [=](Dim j) {
    const T i = g[j], f = g[u + j], candidate = g[2 * u + j], o = g[3 * u + j], y = tanh(cell[j]);
    const T up = kStep ? dh[j] + dh_step[j] : dh[j];
    const T through = dc[j] + up * o * (1 - y * y);
    const T di = through * candidate * i * (1 - i), df = through * before[j] * f * (1 - f);
    const T dz = through * i * (1 - candidate * candidate), d_out = up * y * o * (1 - o);
    d[j] = di, d[u + j] = df, d[2 * u + j] = dz, d[3 * u + j] = d_out;
    dbias[j] += di, dbias[u + j] += df, dbias[2 * u + j] += dz, dbias[3 * u + j] += d_out;
    dc[j] = through * f;
  });
}

// Backward through time; dh and dc (batch, units) carry the gradients of the states.
template <class T>
struct Backward {
  LstmShape s;
  const T *c0, *gates, *cells, *dh_steps;  // dh_steps (batch, steps, units)
  const bool* mask;
  StepWeights<T> kernel, recurrent;  // transposed
  T *dgates, *dh, *dc, *dx,
      *dbias;  // dgates (steps, batch, 4 units); dx (batch, steps, features); dbias (blocks, 4 units)

  void block(Dim first, Dim count) const {
    const Dim u = s.units, f = s.features;
    std::fill_n(dbias + first / kBlock * 4 * u, 4 * u, T(0));
    for (Dim t = s.steps - 1; t >= 0; --t) {
      for (Dim n = first; n < first + count; ++n) step(n, t);
      const T* d = dgates + (t * s.batch + first) * 4 * u;
      // The state before step t: through the gates, and past the cell where the step was masked.
      recurrent.multiply(count, d, mask != nullptr, dh + first * u, u);
      kernel.multiply(count, d, false, dx + (first * s.steps + t) * f, s.steps * f);
    }
  }

  void step(Dim n, Dim t) const {
    const Dim u = s.units, row = t * s.batch + n;
    T *d = dgates + row * 4 * u, *dh_n = dh + n * u;
    const T* dh_step = dh_steps ? dh_steps + (n * s.steps + t) * u : nullptr;
    if (mask && !mask[n * s.steps + t]) {
      std::fill_n(d, 4 * u, T(0));
      for (Dim j = 0; dh_step && j < u; ++j) dh_n[j] += dh_step[j];
      return;
    }
    const CellGrad<T> p{gates + row * 4 * u,
                        cells + row * u,
                        t == 0 ? c0 + n * u : cells + (row - s.batch) * u,
                        dh_n,
                        dh_step,
                        dc + n * u,
                        d,
                        dbias + n / kBlock * 4 * u};
    dh_step ? cell_grad<T, true>(u, p) : cell_grad<T, false>(u, p);
    if (mask) std::fill_n(dh_n, u, T(0));
  }
};

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
}

template <class T>
struct BackwardMemory {
  explicit BackwardMemory(const LstmShape& s)
      : often(s.batch >= 2),
        dgates(4 * s.rows() * s.units),
        kernel(often ? StepWeights<T>::size(s.features, s.units) : 0),
        recurrent(often ? StepWeights<T>::size(s.units, s.units) : 0),
        dbias(4 * s.blocks() * s.units),
        steps_first(s.batch * (s.steps + 1) * std::max(s.units, s.features)) {}
  std::size_t bytes() const {
    return static_cast<std::size_t>(dgates + kernel + recurrent + dbias + steps_first) * sizeof(T);
  }
  bool often;  // whether packing pays
  Dim dgates, kernel, recurrent, dbias, steps_first;
};

template <class T>
void run_backward(const LstmShape& s, const ops::LstmGradAttrs& p, const KernelArgs& args) {
  std::size_t next = 9;
  const T* dh_steps = p.has_dh ? args.input<T>(next++) : nullptr;
  const T* dh_last = p.has_dh_last ? args.input<T>(next++) : nullptr;
  const T* dc_last = p.has_dc_last ? args.input<T>(next++) : nullptr;
  const bool* mask = p.has_mask ? args.input<bool>(next) : nullptr;
  const BackwardMemory<T> memory(s);
  const Dim states = s.batch * s.units, width = 4 * s.units;
  T *dgates = static_cast<T*>(args.workspace), *kernel = dgates + memory.dgates, *recurrent = kernel + memory.kernel;
  T *dbias = recurrent + memory.recurrent, *steps_first = dbias + memory.dbias;
  T *dh = args.output<T>(1), *dc = args.output<T>(2);
  dh_last ? std::copy_n(dh_last, states, dh) : std::fill_n(dh, states, T(0));
  dc_last ? std::copy_n(dc_last, states, dc) : std::fill_n(dc, states, T(0));
  const Backward<T> b{s,
                      args.input<T>(2),
                      args.input<T>(7),
                      args.input<T>(8),
                      dh_steps,
                      mask,
                      StepWeights<T>::make(args.input<T>(3), s.features, s.units, true, memory.often, kernel),
                      StepWeights<T>::make(args.input<T>(4), s.units, s.units, true, memory.often, recurrent),
                      dgates,
                      dh,
                      dc,
                      args.output<T>(0),
                      dbias};
  parallel_for(s.blocks(), 1, [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) b.block(i * kBlock, std::min(kBlock, s.batch - i * kBlock));
  });
  weight_grads(s, args, dgates, steps_first);
  std::fill_n(args.output<T>(5), width, T(0));
  for (Dim i = 0; i < s.blocks(); ++i)
    for (Dim j = 0; j < width; ++j) args.output<T>(5)[j] += dbias[i * width + j];
}

template <class T>
std::unique_ptr<Kernel> backward_kernel(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const LstmShape s{x[0], x[1], x[2], spec.in[1].shape[1]};
  return make_kernel(
      [s, p = spec.attrs.as<ops::LstmGradAttrs>()](const KernelArgs& args) { run_backward<T>(s, p, args); },
      BackwardMemory<T>(s).bytes());
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
