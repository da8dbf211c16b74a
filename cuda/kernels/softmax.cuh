// softmax and log_softmax along an axis. Elements are float for the 16-bit types.
using namespace kerata::cuda;

/// The largest value seen so far and the sum of exp(x - top); a NaN shows in the sum.
template <class V>
struct TopAndTotal {
  V top, total;
};
template <class V>
KERATA_DEVICE TopAndTotal<V> lane_xor(TopAndTotal<V> x, int mask) {
  TopAndTotal<V> other;
  other.top = lane_xor(x.top, mask);
  other.total = lane_xor(x.total, mask);
  return other;
}
template <class V>
struct LogSum {
  typedef TopAndTotal<V> Acc;
  KERATA_DEVICE Acc none() { return {Limits<V>::lowest(), V(0)}; }
  /// Nothing is scaled where both tops are the same: infinite ones have no difference.
  KERATA_DEVICE Acc join(const Acc& a, const Acc& b) {
    const V top = a.top > b.top ? a.top : b.top;
    const V left = a.top == top ? a.total : a.total * op_exp(a.top - top);
    const V right = b.top == top ? b.total : b.total * op_exp(b.top - top);
    return {top, left + right};
  }
  /// -inf counts for nothing; exp(x - x) is NaN for the infinite one.
  KERATA_DEVICE Acc add(const Acc& a, V x) {
    if (x > a.top) return {x, a.total * op_exp(a.top - x) + op_exp(x - x)};
    return {a.top, x == Limits<V>::lowest() ? a.total : a.total + op_exp(x - a.top)};
  }
};

template <class V>
struct Largest {
  typedef V Acc;
  KERATA_DEVICE V none() { return Limits<V>::lowest(); }
  KERATA_DEVICE V join(V a, V b) { return b > a ? b : a; }
};

/// Rows of at most kEach elements a thread: read once, kept in registers.
template <class T, bool kLog, int kEach>
KERATA_DEVICE void softmax_short(const SoftmaxParameters& p) {
  typedef typename Computed<T>::type V;
  const int groups = kThreads / p.lanes, lane = threadIdx.x % p.lanes, count = (int)p.count;
  for (long long from = (long long)blockIdx.x * groups; from < p.outer; from += (long long)gridDim.x * groups) {
    const long long row = from + threadIdx.x / p.lanes;
    const T* x = (const T*)p.x + row * count;
    T* y = (T*)p.y + row * count;
    const int mine = row < p.outer ? count : 0;
    V v[kEach], top = Largest<V>::none(), total = V(0);
#pragma unroll
    for (int k = 0; k < kEach; ++k) {
      v[k] = lane + k * p.lanes < mine ? load(x + lane + k * p.lanes) : Largest<V>::none();
      top = Largest<V>::join(top, v[k]);
    }
    top = join_row<Largest<V>>(top, p.lanes);
#pragma unroll
    for (int k = 0; k < kEach; ++k) {
      v[k] -= top;
      const V e = op_exp(v[k]);
      if (!kLog) v[k] = e;
      if (lane + k * p.lanes < mine) total += e;
    }
    total = join_row<Adding<V>>(total, p.lanes);
    const V norm = kLog ? op_log(total) : V(1) / total;
#pragma unroll
    for (int k = 0; k < kEach; ++k)
      if (lane + k * p.lanes < mine) store(y + lane + k * p.lanes, kLog ? v[k] - norm : v[k] * norm);
  }
}

/// Longer rows by a block each: once for top and sum, once for the result.
template <class T, bool kLog>
KERATA_DEVICE void softmax_long(const SoftmaxParameters& p) {
  typedef typename Computed<T>::type V;
  for (long long row = blockIdx.x; row < p.outer; row += gridDim.x) {
    const T* x = (const T*)p.x + row * p.count;
    T* y = (T*)p.y + row * p.count;
    TopAndTotal<V> all = LogSum<V>::none();
#pragma unroll 4
    for (long long i = threadIdx.x; i < p.count; i += kThreads) all = LogSum<V>::add(all, load(x + i));
    all = join_block<LogSum<V>>(all);
    const V norm = kLog ? op_log(all.total) : V(1) / all.total;
#pragma unroll 4
    for (long long i = threadIdx.x; i < p.count; i += kThreads) {
      const V v = load(x + i) - all.top;
      store(y + i, kLog ? v - norm : op_exp(v) * norm);
    }
  }
}

/// Along an axis that is not the last: tiles of columns, each shared by the slices of the block.
template <class T, bool kLog>
KERATA_DEVICE void softmax_columns(const SoftmaxParameters& p) {
  typedef typename Computed<T>::type V;
  __shared__ V tops[kThreads], norms[kThreads];
  const int lane = threadIdx.x % p.width, slice = threadIdx.x / p.width, slices = kThreads / p.width;
  const long long tiles = (p.inner + p.width - 1) / p.width;
  for (long long task = blockIdx.x; task < p.outer * tiles; task += gridDim.x) {
    const long long column = task % tiles * p.width + lane, base = task / tiles * p.count * p.inner + column;
    const long long mine = column < p.inner ? p.count : 0;
    const T* x = (const T*)p.x + base;
    T* y = (T*)p.y + base;
    TopAndTotal<V> all = LogSum<V>::none();
    for (long long i = slice; i < mine; i += slices) all = LogSum<V>::add(all, load(x + i * p.inner));
    all = join_slices<LogSum<V>>(all, p.width);
    if (slice == 0) {
      tops[lane] = all.top;
      norms[lane] = kLog ? op_log(all.total) : V(1) / all.total;
    }
    __syncthreads();
    for (long long i = slice; i < mine; i += slices) {
      const V v = load(x + i * p.inner) - tops[lane];
      store(y + i * p.inner, kLog ? v - norms[lane] : op_exp(v) * norms[lane]);
    }
    __syncthreads();
  }
}
