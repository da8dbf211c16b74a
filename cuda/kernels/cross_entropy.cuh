// The cross-entropies from logits, labels of any type.
using namespace kerata::cuda;

/// Fractions are cut, NaN is 0, infinities go to the ends: as a cast on the CPU.
template <class L>
KERATA_DEVICE long long label_of(L x) {
  return (long long)x;
}
KERATA_DEVICE long long label_of(double x) {
  if (x != x) return 0;
  if (x >= 9.2e18) return 0x7fffffffffffffffll;
  return x <= -9.2e18 ? -0x7fffffffffffffffll - 1 : (long long)x;
}
KERATA_DEVICE long long label_of(float x) { return label_of((double)x); }

/// loss (rows) = log(sum(exp(x))) - x[label]
template <class T, class L>
KERATA_DEVICE void sparse_loss(const SparseParameters& p) {
  typedef typename Computed<T>::type V;
  const int groups = kThreads / p.lanes, lane = threadIdx.x % p.lanes;
  for (long long from = (long long)blockIdx.x * groups; from < p.rows; from += (long long)gridDim.x * groups) {
    const long long row = from + threadIdx.x / p.lanes;
    const T* x = (const T*)p.x + row * p.count;
    const bool mine = row < p.rows;
    V top = Largest<V>::none(), total = V(0);
    if (mine)
      for (long long i = lane; i < p.count; i += p.lanes) top = Largest<V>::join(top, load(x + i));
    top = join_row<Largest<V>>(top, p.lanes);
    if (mine)
      for (long long i = lane; i < p.count; i += p.lanes) total += op_exp(load(x + i) - top);
    total = join_row<Adding<V>>(total, p.lanes);
    if (lane != 0 || !mine) continue;
    const long long label = label_of(load((const L*)p.labels + row));
    const bool valid = label >= 0 && label < p.count;
    if (!valid) report_index((Status*)p.status, label, p.count);
    store((T*)p.out + row, valid ? op_log(total) - (load(x + label) - top) : V(0));
  }
}

/// Index: the type that the places of all elements fit into. dx (rows, count) = g (probability - one_hot(label)); it may
/// lie where an input lies.
template <class T, class L>
KERATA_DEVICE void sparse_gradient(const SparseParameters& p) {
  typedef typename Computed<T>::type V;
  const Index all = (Index)(p.rows * p.count), count = (Index)p.count;
  for (Index i = (Index)first_index(); i < all; i += (Index)index_step()) {
    const Index row = i / count;
    const long long column = i - row * count;
    const long long label = label_of(load((const L*)p.labels + row));
    const V g = load((const T*)p.g + row), dx = g * load((const T*)p.x + i);
    if (column == 0 && (label < 0 || label >= p.count)) report_index((Status*)p.status, label, p.count);
    store((T*)p.out + i, column == label ? dx - g : dx);
  }
}

/// max(x, 0) - x z + log1p(exp(-|x|)); NaN stays NaN.
template <class T>
KERATA_DEVICE void sigmoid_loss(const SigmoidParameters& p) {
  typedef typename Computed<T>::type V;
  for (long long i = first_index(); i < p.count; i += index_step()) {
    const V x = load((const T*)p.x + i), z = load((const T*)p.labels + i);
    store((T*)p.out + i, (x > V(0) ? x : x * V(0)) - x * z + op_log1p(op_exp(-op_abs(x))));
  }
}
