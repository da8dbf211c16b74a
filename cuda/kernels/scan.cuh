// Running sums along an axis: pieces of an axis by blocks, four elements a thread and turn.
using namespace kerata::cuda;

/// The sum of the values of all threads before this one; `all` becomes the sum of all.
template <class T>
KERATA_DEVICE T sum_before(T x, T* all) {
  __shared__ T parts[kThreads / kWarp];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  T sum = x;
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const T before = __shfl_up_sync(0xffffffffu, sum, distance);
    if (lane >= distance) sum = op_add(sum, before);
  }
  __syncthreads();
  if (lane == kWarp - 1) parts[warp] = sum;
  __syncthreads();
  T start = T(0), total = T(0);
  for (int i = 0; i < kThreads / kWarp; ++i) {
    if (i == warp) start = total;
    total = op_add(total, parts[i]);
  }
  *all = total;
  const T before = __shfl_up_sync(0xffffffffu, sum, 1);
  return lane == 0 ? start : op_add(start, before);
}

/// A block takes one piece of one line after the other.
template <class T>
KERATA_DEVICE void scan_lines(const ScanParameters& p) {
  const long long tasks = p.outer * p.inner * p.pieces;
  for (long long task = blockIdx.x; task < tasks; task += gridDim.x) {
    const long long line = task / p.pieces, piece = task % p.pieces;
    const long long first = piece * p.piece, end = min(p.count, first + p.piece);
    const long long base = line / p.inner * p.count * p.inner + line % p.inner;
    T carry = piece > 0 ? ((const T*)p.starts)[line * p.pieces + piece - 1] : T(0);
    for (long long from = first; from < end; from += 4 * kThreads) {
      const long long at = from + 4 * threadIdx.x;
      T v[4], all;
      for (int k = 0; k < 4; ++k) {
        v[k] = at + k < end ? ((const T*)p.x)[base + (at + k) * p.inner] : T(0);
        if (k > 0) v[k] = op_add(v[k - 1], v[k]);
      }
      const T start = op_add(carry, sum_before(v[3], &all));
      for (int k = 0; k < 4; ++k)
        if (at + k < end) ((T*)p.out)[base + (at + k) * p.inner] = op_add(start, v[k]);
      carry = op_add(carry, all);
    }
  }
}

/// Many lines side by side: a thread takes one.
template <class T>
KERATA_DEVICE void scan_columns(const ScanParameters& p) {
  for (long long line = first_index(); line < p.outer * p.inner; line += index_step()) {
    long long at = line / p.inner * p.count * p.inner + line % p.inner;
    T sum = T(0);
#pragma unroll 4
    for (long long i = 0; i < p.count; ++i, at += p.inner) {
      sum = op_add(sum, ((const T*)p.x)[at]);
      ((T*)p.out)[at] = sum;
    }
  }
}

/// Sums of the pieces: out (outer, inner, pieces).
template <class T>
KERATA_DEVICE void sum_pieces(const ScanParameters& p) {
  const long long tasks = p.outer * p.inner * p.pieces;
  for (long long task = blockIdx.x; task < tasks; task += gridDim.x) {
    const long long line = task / p.pieces, first = task % p.pieces * p.piece;
    const long long base = line / p.inner * p.count * p.inner + line % p.inner;
    T sum = T(0);
    for (long long i = first + threadIdx.x; i < min(p.count, first + p.piece); i += kThreads)
      sum = op_add(sum, ((const T*)p.x)[base + i * p.inner]);
    sum = join_block<Sum<T>>(sum);
    if (threadIdx.x == 0) ((T*)p.out)[task] = sum;
  }
}
