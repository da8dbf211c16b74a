// Batch normalization in training: statistics of pieces of rows, then of all, then the result. Variances are merged as
// means and squared distances from them (Chan, Golub, LeVeque 1979), so that one pass over x is enough.
using namespace kerata::cuda;

template <class T>
struct Moments {
  T count, mean, squares;
};
template <class T>
struct MergeMoments {
  typedef Moments<T> Acc;
  KERATA_DEVICE Acc none() { return {T(0), T(0), T(0)}; }
  KERATA_DEVICE Acc join(const Acc& a, const Acc& b) {
    const T count = a.count + b.count;
    if (count == T(0)) return a;
    const T share = b.count / count, distance = b.mean - a.mean;
    return {count, a.mean + distance * share, a.squares + b.squares + distance * distance * (a.count * share)};
  }
  KERATA_DEVICE Acc add(const Acc& a, T x) {
    const T count = a.count + T(1), distance = x - a.mean, mean = a.mean + distance / count;
    return {count, mean, a.squares + distance * (x - mean)};
  }
};

template <class T>
struct Two {
  T a, b;
};
template <class T>
struct AddTwo {
  typedef Two<T> Acc;
  KERATA_DEVICE Acc none() { return {T(0), T(0)}; }
  KERATA_DEVICE Acc join(const Acc& x, const Acc& y) { return {x.a + y.a, x.b + y.b}; }
};

/// Which channel and piece a block works on, and the rows that this thread takes of it.
struct Tile {
  long long channel, piece, row, end;
  int slices;
};
KERATA_DEVICE Tile tile_of(const BatchNormParameters& p, long long task) {
  const long long tiles = (p.channels + p.width - 1) / p.width;
  Tile t;
  t.channel = task % tiles * p.width + threadIdx.x % p.width;
  t.piece = task / tiles;
  t.slices = kThreads / p.width;
  t.row = t.piece * p.piece + threadIdx.x / p.width;
  t.end = t.channel < p.channels ? min(p.rows, (t.piece + 1) * p.piece) : 0;
  return t;
}
KERATA_DEVICE long long num_tiles(const BatchNormParameters& p) {
  return p.pieces * ((p.channels + p.width - 1) / p.width);
}
KERATA_DEVICE bool is_first_slice(const BatchNormParameters& p) { return threadIdx.x < p.width; }

/// body(places of up to four elements of this thread, how many): all are read before the first is written, so that
/// several reads are under way at once.
template <class Body>
KERATA_DEVICE void each_four_rows(const BatchNormParameters& p, const Tile& t, const Body& body) {
  for (long long row = t.row; row < t.end; row += 4 * t.slices) {
    long long i[4];
    int count = 0;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      i[k] = (row + k * t.slices) * p.channels + t.channel;
      if (row + k * t.slices < t.end) count = k + 1;
    }
    body(i, count);
  }
}

/// partials (pieces, channels): mean and squared distances of each piece.
template <class T>
KERATA_DEVICE void moments_of_pieces(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long task = blockIdx.x; task < num_tiles(p); task += gridDim.x) {
    const Tile t = tile_of(p, task);
    Moments<A> all = MergeMoments<A>::none();
#pragma unroll 4
    for (long long row = t.row; row < t.end; row += t.slices)
      all = MergeMoments<A>::add(all, load((const T*)p.x + (row * p.channels + t.channel)));
    all = join_slices<MergeMoments<A>>(all, p.width);
    if (is_first_slice(p) && t.channel < p.channels)
      ((Two<A>*)p.partials)[t.piece * p.channels + t.channel] = {all.mean, all.squares};
  }
}

/// mean, var, and the factors of y = x scale + shift. Each block takes a tile of channels.
template <class T>
KERATA_DEVICE void moments_of_all(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long first = (long long)blockIdx.x * p.width; first < p.channels; first += (long long)gridDim.x * p.width) {
    const long long c = first + threadIdx.x % p.width;
    Moments<A> all = MergeMoments<A>::none();
    if (c < p.channels)
      for (long long i = threadIdx.x / p.width; i < p.pieces; i += kThreads / p.width) {
        const Two<A> part = ((const Two<A>*)p.partials)[i * p.channels + c];
        all = MergeMoments<A>::join(all, {(A)(min(p.rows, (i + 1) * p.piece) - i * p.piece), part.a, part.b});
      }
    all = join_slices<MergeMoments<A>>(all, p.width);
    if (!is_first_slice(p) || c >= p.channels) continue;
    const A rows = (A)p.rows, zero = A(0) / rows;  // NaN where there are no rows
    const A mean = all.mean + zero, var = all.squares / rows;
    const A scale = ((const A*)p.gamma)[c] / op_sqrt(var + (A)p.epsilon);
    ((A*)p.mean)[c] = mean;
    ((A*)p.var)[c] = var;
    ((A*)p.scale)[c] = scale;
    ((A*)p.shift)[c] = ((const A*)p.beta)[c] - mean * scale;
  }
}

template <class T>
KERATA_DEVICE void normalize(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long task = blockIdx.x; task < num_tiles(p); task += gridDim.x) {
    const Tile t = tile_of(p, task);
    if (t.row >= t.end) continue;
    const A scale = ((const A*)p.scale)[t.channel], shift = ((const A*)p.shift)[t.channel];
    each_four_rows(p, t, [&](const long long* i, int count) {
      A x[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) x[k] = k < count ? load((const T*)p.x + i[k]) : A(0);
#pragma unroll
      for (int k = 0; k < 4; ++k)
        if (k < count) store((T*)p.y + i[k], x[k] * scale + shift);
    });
  }
}

/// partials (pieces, channels): sums of dy and of dy (x - mean).
template <class T>
KERATA_DEVICE void slopes_of_pieces(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long task = blockIdx.x; task < num_tiles(p); task += gridDim.x) {
    const Tile t = tile_of(p, task);
    Two<A> sums = AddTwo<A>::none();
    const A mean = t.channel < p.channels ? ((const A*)p.mean)[t.channel] : A(0);
#pragma unroll 4
    for (long long row = t.row; row < t.end; row += t.slices) {
      const A dy = load((const T*)p.dy + (row * p.channels + t.channel));
      sums.a += dy;
      sums.b += dy * (load((const T*)p.x + (row * p.channels + t.channel)) - mean);
    }
    sums = join_slices<AddTwo<A>>(sums, p.width);
    if (is_first_slice(p) && t.channel < p.channels)
      ((Two<A>*)p.partials)[t.piece * p.channels + t.channel] = sums;
  }
}

/// dgamma, dbeta, and the factors of dx = scale dy - slope (x - mean) - shift.
template <class T>
KERATA_DEVICE void slopes_of_all(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long first = (long long)blockIdx.x * p.width; first < p.channels; first += (long long)gridDim.x * p.width) {
    const long long c = first + threadIdx.x % p.width;
    Two<A> sums = AddTwo<A>::none();
    if (c < p.channels)
      for (long long i = threadIdx.x / p.width; i < p.pieces; i += kThreads / p.width)
        sums = AddTwo<A>::join(sums, ((const Two<A>*)p.partials)[i * p.channels + c]);
    sums = join_slices<AddTwo<A>>(sums, p.width);
    if (!is_first_slice(p) || c >= p.channels) continue;
    const A rows = (A)p.rows, inverse = A(1) / op_sqrt(((const A*)p.var)[c] + (A)p.epsilon);
    const A scale = ((const A*)p.gamma)[c] * inverse;
    ((A*)p.dbeta)[c] = sums.a;
    ((A*)p.dgamma)[c] = sums.b * inverse;
    ((A*)p.scale)[c] = scale;
    ((A*)p.slope)[c] = scale * inverse * inverse * sums.b / rows;
    ((A*)p.shift)[c] = scale * sums.a / rows;
  }
}

template <class T>
KERATA_DEVICE void spread_slopes(const BatchNormParameters& p) {
  typedef typename Computed<T>::type A;
  for (long long task = blockIdx.x; task < num_tiles(p); task += gridDim.x) {
    const Tile t = tile_of(p, task);
    if (t.row >= t.end) continue;
    const A scale = ((const A*)p.scale)[t.channel], slope = ((const A*)p.slope)[t.channel];
    const A shift = ((const A*)p.shift)[t.channel], mean = ((const A*)p.mean)[t.channel];
    each_four_rows(p, t, [&](const long long* i, int count) {
      A x[4], dy[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        x[k] = k < count ? load((const T*)p.x + i[k]) : A(0);
        dy[k] = k < count ? load((const T*)p.dy + i[k]) : A(0);
      }
#pragma unroll
      for (int k = 0; k < 4; ++k)
        if (k < count) store((T*)p.dx + i[k], scale * dy[k] - slope * (x[k] - mean) - shift);
    });
  }
}
