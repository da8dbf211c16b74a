// Reductions of rows and of columns. The order of the additions follows from the sizes alone, so that results are the
// same run after run. An Op reads elements and partial results (Acc) and writes results.
using namespace kerata::cuda;

#define KERATA_REDUCTION(Name, function, neutral)                                         \
  template <class T>                                                                      \
  struct Name {                                                                           \
    typedef typename Computed<T>::type Acc;                                               \
    KERATA_DEVICE Acc none() { return neutral; }                                          \
    KERATA_DEVICE Acc join(Acc a, Acc b) { return function(a, b); }                       \
    template <class In>                                                                   \
    KERATA_DEVICE Acc read(const In* x, int) {                                            \
      return load(x);                                                                     \
    }                                                                                     \
    KERATA_DEVICE Acc divide(Acc a, double divisor) { return (Acc)(a / (Acc)divisor); }   \
  };
KERATA_REDUCTION(Sum, op_add, Acc(0))
KERATA_REDUCTION(Product, op_multiply, Acc(1))
KERATA_REDUCTION(Maximum, op_maximum, Limits<Acc>::lowest())
KERATA_REDUCTION(Minimum, op_minimum, Limits<Acc>::highest())
KERATA_REDUCTION(Any, op_maximum, Acc(0))
KERATA_REDUCTION(All, op_minimum, Acc(1))
#undef KERATA_REDUCTION

/// The first extreme of a row; NaN comes before all, as in NumPy.
template <class V>
struct Best {
  V value;
  int index;  // -1: none yet
};
template <class V>
KERATA_DEVICE Best<V> lane_xor(Best<V> x, int mask) {
  Best<V> other;
  other.value = lane_xor(x.value, mask);
  other.index = lane_xor(x.index, mask);
  return other;
}
template <class V>
KERATA_DEVICE void store(int* to, const Best<V>& x) {
  *to = x.index;
}
template <class T, bool kLargest>
struct Extreme {
  typedef typename Computed<T>::type V;
  typedef Best<V> Acc;
  KERATA_DEVICE Acc none() { return {V(0), -1}; }
  KERATA_DEVICE bool wins(V a, V b) { return (kLargest ? a > b : a < b) || (a != a && b == b); }
  KERATA_DEVICE Acc join(const Acc& a, const Acc& b) {
    if (a.index < 0 || b.index < 0) return a.index < 0 ? b : a;
    if (wins(a.value, b.value)) return a;
    return wins(b.value, a.value) || b.index < a.index ? b : a;
  }
  KERATA_DEVICE Acc read(const T* x, int index) { return {load(x), index}; }
  KERATA_DEVICE Acc read(const Acc* x, int) { return *x; }
  KERATA_DEVICE Acc divide(const Acc& a, double) { return a; }
};

/// x (count) by `lanes` threads, of which this is number `lane`; `first` is the place of x[0] in its row.
template <class Op, class In>
KERATA_DEVICE typename Op::Acc take_run(const In* x, int first, int count, int lane, int lanes, bool aligned) {
  typename Op::Acc sums[4] = {Op::none(), Op::none(), Op::none(), Op::none()};
  const int quads = count / 4;
#pragma unroll 4
  for (int q = lane; q < quads; q += lanes) {
    const Quad<In> four = load_quad(x + 4 * q, aligned);
    for (int k = 0; k < 4; ++k) sums[k] = Op::join(sums[k], Op::read(four.v + k, first + 4 * q + k));
  }
  for (int i = 4 * quads + lane; i < count; i += lanes) sums[0] = Op::join(sums[0], Op::read(x + i, first + i));
  return Op::join(Op::join(sums[0], sums[1]), Op::join(sums[2], sums[3]));
}

template <class Op, class In, class Out>
KERATA_DEVICE void reduce_rows(const RowsParameters& p) {
  const int group = threadIdx.x / p.lanes, groups = kThreads / p.lanes, lane = threadIdx.x % p.lanes;
  const long long tasks = p.rows * p.pieces;
  for (long long from = (long long)blockIdx.x * groups; from < tasks; from += (long long)gridDim.x * groups) {
    const long long task = from + group;
    typename Op::Acc sum = Op::none();
    if (task < tasks) {
      const long long row = task / p.pieces, first = task % p.pieces * p.piece;
      const int count = (int)min(p.piece, p.count - first);
      sum = take_run<Op>((const In*)p.x + row * p.count + first, (int)first, count, lane, p.lanes, p.aligned != 0);
    }
    sum = join_row<Op>(sum, p.lanes);
    if (lane == 0 && task < tasks) store((Out*)p.out + task, p.divides ? Op::divide(sum, p.divisor) : sum);
  }
}

template <class Op, class In, class Out>
KERATA_DEVICE void reduce_columns(const ColumnsParameters& p) {
  const int slice = threadIdx.x / p.width, slices = kThreads / p.width;
  const long long tiles = (p.inner + p.width - 1) / p.width, tasks = p.outer * p.pieces * tiles;
  for (long long task = blockIdx.x; task < tasks; task += gridDim.x) {
    const long long column = task % tiles * p.width + threadIdx.x % p.width, at = task / tiles;  // at: outer, piece
    const long long first = at % p.pieces * p.piece;
    typename Op::Acc sum = Op::none();
    if (column < p.inner) {
      const In* x = (const In*)p.x + (at / p.pieces * p.count + first) * p.inner + column;
      const int count = (int)min(p.piece, p.count - first);
#pragma unroll 4
      for (int row = slice; row < count; row += slices)
        sum = Op::join(sum, Op::read(x + row * p.inner, (int)first + row));
    }
    sum = join_slices<Op>(sum, p.width);
    if (slice == 0 && column < p.inner)
      store((Out*)p.out + at * p.inner + column, p.divides ? Op::divide(sum, p.divisor) : sum);
  }
}

/// Columns again, where there are enough of them for a thread each; one piece.
template <class Op, class In, class Out>
KERATA_DEVICE void reduce_threads(const ColumnsParameters& p) {
  for (long long at = first_index(); at < p.outer * p.inner; at += index_step()) {
    const In* x = (const In*)p.x + at / p.inner * p.count * p.inner + at % p.inner;
    typename Op::Acc sum = Op::none();
#pragma unroll 4
    for (long long row = 0; row < p.count; ++row) sum = Op::join(sum, Op::read(x + row * p.inner, (int)row));
    store((Out*)p.out + at, p.divides ? Op::divide(sum, p.divisor) : sum);
  }
}
