// The cells of an LSTM, one step; gates i, f, c, o. In front: indexing.cuh; T, the elements; Acc, what is computed
// with.

KERATA_DEVICE float tanh_of(float x) { return tanhf(x); }
KERATA_DEVICE double tanh_of(double x) { return tanh(x); }
KERATA_DEVICE float sigmoid_of(float x) { return 1.0f / (1.0f + expf(-x)); }
KERATA_DEVICE double sigmoid_of(double x) { return 1.0 / (1.0 + exp(-x)); }
typedef typename Computed<T>::type Value;

struct Parameters {
  long long total, units, steps, step;
  Divide units_by;
  const T* bias;                 // (4 units)
  const bool* mask;              // (batch, steps), or none
  T* gates;                      // of this step, (batch, 4 units)
  const T *c_before, *h_before;  // (batch, units); rows of h_before `h_row` apart
  T *c, *h;                      // (batch, units); rows of h `steps * units` apart
  long long h_row;
  // of the gradient
  const T* dh_steps;  // (batch, steps, units), or none
  T *dgates, *dh, *dc;
};

KERATA_KERNEL(lstm_cell, Parameters) {
  const Index units = (Index)p.units;
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index row = i;
    const Index j = take_rest(row, p.units_by);
    T* g = p.gates + (row * 4 * units + j);
    const Acc in = sigmoid_of((Acc)load(g) + (Acc)load(p.bias + j));
    const Acc forget = sigmoid_of((Acc)load(g + units) + (Acc)load(p.bias + units + j));
    const Acc candidate = tanh_of((Acc)load(g + 2 * units) + (Acc)load(p.bias + 2 * units + j));
    const Acc out = sigmoid_of((Acc)load(g + 3 * units) + (Acc)load(p.bias + 3 * units + j));
    store(g, (Value)in);
    store(g + units, (Value)forget);
    store(g + 2 * units, (Value)candidate);
    store(g + 3 * units, (Value)out);
    const Acc before = load(p.c_before + i), c = forget * before + in * candidate;
    const bool repeats = p.mask && !p.mask[row * (Index)p.steps + (Index)p.step];
    store(p.c + i, (Value)(repeats ? before : c));
    T* h = p.h + (row * (Index)p.steps * units + j);
    *h = p.h_before[row * (Index)p.h_row + j];
    if (!repeats) store(h, (Value)(out * tanh_of(c)));
  }
}

/// Gradients of the gates before their activations, from those of h and c; dc becomes that of the step before.
KERATA_KERNEL(lstm_cell_grad, Parameters) {
  const Index units = (Index)p.units;
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index row = i;
    const Index j = take_rest(row, p.units_by), at = row * 4 * units + j;
    Acc dh = load(p.dh + i);
    if (p.dh_steps) dh += (Acc)load(p.dh_steps + ((row * (Index)p.steps + (Index)p.step) * units + j));
    T* d = p.dgates + at;
    if (p.mask && !p.mask[row * (Index)p.steps + (Index)p.step]) {
      for (int gate = 0; gate < 4; ++gate) d[gate * units] = T();
      store(p.dh + i, (Value)dh);
      continue;
    }
    const Acc in = load(p.gates + at), forget = load(p.gates + at + units);
    const Acc candidate = load(p.gates + at + 2 * units), out = load(p.gates + at + 3 * units);
    const Acc y = tanh_of((Acc)load(p.c + i));
    const Acc through = (Acc)load(p.dc + i) + dh * out * (1 - y * y);
    store(d, (Value)(through * candidate * in * (1 - in)));
    store(d + units, (Value)(through * (Acc)load(p.c_before + i) * forget * (1 - forget)));
    store(d + 2 * units, (Value)(through * in * (1 - candidate * candidate)));
    store(d + 3 * units, (Value)(dh * y * out * (1 - out)));
    store(p.dc + i, (Value)(through * forget));
    if (p.mask) store(p.dh + i, (Value)0);
  }
}
