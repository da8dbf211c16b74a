// What becomes of a product's sums. In front: indexing.cuh, Acc and R as in gemm.cuh.

struct Product {
  long long m, n, k;
  long long layers, part_k;  // batch elements times parts of k; the length of a part
  Divide parts, squares_n;
  R* out;
  const R* bias;                   // (n), or none
  const R* rate;                   // none, or the result is out - rate * sum
  long long row, step, bias_step;  // of out: from row to row, from batch element to batch element
  int activation, adds;            // ops::FusedActivation; out is added to
};

KERATA_DEVICE float tanh_of(float x) { return tanhf(x); }
KERATA_DEVICE double tanh_of(double x) { return tanh(x); }
KERATA_DEVICE float exp_of(float x) { return expf(x); }
KERATA_DEVICE double exp_of(double x) { return exp(x); }
template <class A>
KERATA_DEVICE A activated_float(A x, int activation) {
  if (activation == 1) return x > 0 || x != x ? x : A(0);
  if (activation == 2) return tanh_of(x);
  return activation == 3 ? A(1) / (A(1) + exp_of(-x)) : x;
}
KERATA_DEVICE float activated(float x, int activation) { return activated_float(x, activation); }
KERATA_DEVICE double activated(double x, int activation) { return activated_float(x, activation); }
template <class A>
KERATA_DEVICE A activated(A x, int) {
  return x;
}

KERATA_DEVICE void finish(const Product& p, Index batch, Index row, Index column, Acc sum) {
  R* to = p.out + (batch * (Index)p.step + row * (Index)p.row + column);
  if (p.rate) sum = (Acc)load(to) - (Acc)load(p.rate) * sum;
  if (p.adds) sum += (Acc)load(to);
  if (p.bias) sum += (Acc)load(p.bias + (batch * (Index)p.bias_step + column));
  store(to, (typename Computed<R>::type)activated(sum, p.activation));
}

struct PartsParameters {
  const Acc* partial;  // (batch, parts, m, n)
  long long total;
  Divide columns, rows;
  Product product;
};
/// The sums of all parts of k, in order.
KERATA_KERNEL(sum_parts, PartsParameters) {
  const Index matrix = (Index)p.product.m * (Index)p.product.n, parts = (Index)p.product.parts.divisor;
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index batch = i;
    const Index column = take_rest(batch, p.columns), row = take_rest(batch, p.rows);
    const Acc* from = p.partial + (batch * parts * matrix + row * (Index)p.product.n + column);
    Acc sum = 0;
    for (Index part = 0; part < parts; ++part) sum += from[part * matrix];
    finish(p.product, batch, row, column, sum);
  }
}

struct ActivateParameters {
  R* out;
  long long total;
  int activation;
};
KERATA_KERNEL(activate, ActivateParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step())
    store(p.out + i, (typename Computed<R>::type)activated((Acc)load(p.out + i), p.activation));
}

struct ShiftParameters {
  R* out;  // (rows, columns)
  const R* bias;
  long long total;
  Divide columns;
  int activation;
};
/// A bias (columns), or none, and an activation.
KERATA_KERNEL(shift_and_activate, ShiftParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index row = i;
    const Index column = take_rest(row, p.columns);
    Acc x = (Acc)load(p.out + i);
    if (p.bias) x += (Acc)load(p.bias + column);
    store(p.out + i, (typename Computed<R>::type)activated(x, p.activation));
  }
}

struct ScaleParameters {
  const R* rate;
  Acc* scales;
};
/// {-rate, 1}: the factors of a product and of what it is added to.
KERATA_KERNEL(update_scales, ScaleParameters) {
  if (first_index() != 0) return;
  p.scales[0] = -(Acc)load(p.rate);
  p.scales[1] = 1;
}
