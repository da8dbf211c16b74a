// What kernels that bring many elements together share. Their blocks have kThreads threads.
enum { kThreads = 256, kWarp = 32 };

/// Four elements that are read or written at once where they are aligned.
template <class T>
struct alignas(4 * sizeof(T)) Quad {
  T v[4];
};
template <class T>
KERATA_DEVICE Quad<T> load_quad(const T* x, bool aligned) {
  Quad<T> q;
  if (aligned) {
    q = *(const Quad<T>*)x;
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) q.v[k] = x[k];
  }
  return q;
}
template <class T>
KERATA_DEVICE void store_quad(T* to, const Quad<T>& q, bool aligned) {
  if (aligned) {
    *(Quad<T>*)to = q;
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) to[k] = q.v[k];
  }
}

/// The last of the segments that begins at or before the tile.
template <class Segment>
KERATA_DEVICE const Segment& segment_of_tile(const Segment* segments, int count, int tile) {
  int low = 0, high = count;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (segments[middle].first_tile <= tile)
      low = middle;
    else
      high = middle;
  }
  return segments[low];
}

/// Smallest and largest value, for floats the infinities.
template <class T>
struct Limits {
  KERATA_DEVICE T lowest() { return T(-1) < T(0) ? (T)(1ull << (8 * sizeof(T) - 1)) : T(0); }
  KERATA_DEVICE T highest() { return (T)~lowest(); }
};
template <>
struct Limits<float> {
  KERATA_DEVICE float lowest() { return bits_to_float(0xff800000u); }
  KERATA_DEVICE float highest() { return bits_to_float(0x7f800000u); }
};
template <>
struct Limits<double> {
  KERATA_DEVICE double lowest() { return bits_to_float(0xff800000u); }
  KERATA_DEVICE double highest() { return bits_to_float(0x7f800000u); }
};

/// The value of the lane whose number differs in `mask`. All lanes of the warp call it.
template <class T>
KERATA_DEVICE T lane_xor(T x, int mask) {
  return (T)__shfl_xor_sync(0xffffffffu, x, mask);
}

/// What follows is for an Op with a type Acc, its neutral value none() and join(a, b).
/// The values of `lanes` neighbouring threads (a power of two up to 32), in each of them. All lanes of the warp call it.
template <class Op>
KERATA_DEVICE typename Op::Acc join_lanes(typename Op::Acc x, int lanes) {
  for (int mask = lanes / 2; mask > 0; mask /= 2) x = Op::join(x, lane_xor(x, mask));
  return x;
}
/// The values of all threads of the block, in each of them.
template <class Op>
KERATA_DEVICE typename Op::Acc join_block(typename Op::Acc x) {
  __shared__ typename Op::Acc parts[kThreads / kWarp];
  x = join_lanes<Op>(x, kWarp);
  __syncthreads();  // the parts of a call before this one have been read
  if (threadIdx.x % kWarp == 0) parts[threadIdx.x / kWarp] = x;
  __syncthreads();
  return join_lanes<Op>(parts[threadIdx.x % (kThreads / kWarp)], kThreads / kWarp);
}
/// join_lanes for up to 32, else join_block: `lanes` threads share the work on one row.
template <class Op>
KERATA_DEVICE typename Op::Acc join_row(typename Op::Acc x, int lanes) {
  return lanes <= kWarp ? join_lanes<Op>(x, lanes) : join_block<Op>(x);
}
/// Threads as kThreads / width slices of `width` columns (a power of two): the values of a column's slices, in slice 0.
template <class Op>
KERATA_DEVICE typename Op::Acc join_slices(typename Op::Acc x, int width) {
  __shared__ typename Op::Acc parts[kThreads];
  const int self = threadIdx.x, slice = self / width;
  __syncthreads();
  parts[self] = x;
  for (int half = kThreads / width / 2; half > 0; half /= 2) {
    __syncthreads();
    if (slice < half) parts[self] = x = Op::join(x, parts[self + half * width]);
  }
  return x;
}

template <class T>
struct Adding {
  typedef T Acc;
  KERATA_DEVICE T none() { return T(0); }
  KERATA_DEVICE T join(T a, T b) { return a + b; }
};
