// Sorting with the places that elements come from: blocks sort tiles in shared memory, further launches merge runs of
// twice the length. Places make every item different, so that equal keys keep their order. In front: indexing.cuh; X,
// what is sorted; Key, an unsigned integer of 4 bytes or 8; KERATA_SORT_ROWS when X are indices of rows.

const int kTile = 1024;

template <class K>
struct ItemOf {
  K key;
  unsigned int place;
  KERATA_DEVICE ItemOf make(K key, unsigned int place) { return {key, place}; }
};
/// A key of 4 bytes and its place are compared as one number.
template <>
struct ItemOf<unsigned int> {
  unsigned long long both;
  KERATA_DEVICE ItemOf make(unsigned int key, unsigned int place) { return {(unsigned long long)key << 32 | place}; }
};
typedef ItemOf<Key> Item;
KERATA_DEVICE bool is_less(const ItemOf<unsigned long long>& a, const ItemOf<unsigned long long>& b) {
  return a.key < b.key || (a.key == b.key && a.place < b.place);
}
KERATA_DEVICE bool is_less(const ItemOf<unsigned int>& a, const ItemOf<unsigned int>& b) { return a.both < b.both; }
KERATA_DEVICE unsigned int place_of(const ItemOf<unsigned long long>& item) { return item.place; }
KERATA_DEVICE unsigned int place_of(const ItemOf<unsigned int>& item) { return (unsigned int)item.both; }
KERATA_DEVICE Key key_of(const ItemOf<unsigned long long>& item) { return (Key)item.key; }
KERATA_DEVICE Key key_of(const ItemOf<unsigned int>& item) { return (Key)(item.both >> 32); }

struct SortParameters {
  const X* x;  // (outer, size, inner): a row for each (outer, inner)
  X* values;   // (outer, kept, inner), or none
  int* order;  // the same
  Key* keys;   // (rows, size), with order (rows, size); KERATA_SORT_ROWS
  Status* status;
  const Item* from;  // (rows, size): runs of `run` items, the first `kept` of each
  Item* to;
  long long size, kept, limit;  // KERATA_SORT_ROWS: rows below limit
  long long run, chunks;        // of all rows
  Divide inner, chunks_of_row;  // of `width` items each; merging: of 8
  int width, is_last, descends;
};

/// Keys are in the order of the numbers; -0 is 0 and NaN is the largest.
KERATA_DEVICE unsigned int ordered_bits(float x) {
  if (x != x) return 0xffffffffu;
  const unsigned int bits = float_to_bits(x == 0 ? 0.0f : x);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
KERATA_DEVICE unsigned long long ordered_bits(double x) {
  if (x != x) return ~0ull;
  union {
    double d;
    unsigned long long u;
  } both;
  both.d = x == 0 ? 0.0 : x;
  return both.u >> 63 ? ~both.u : both.u | 1ull << 63;
}
KERATA_DEVICE unsigned long long ordered_bits(long long x) { return (unsigned long long)x ^ 1ull << 63; }
template <class Small>
KERATA_DEVICE unsigned int ordered_bits(Small x) {
  return (unsigned int)(int)x ^ 0x80000000u;
}
KERATA_DEVICE Key find_key(const SortParameters& p, const X* x) {
#ifdef KERATA_SORT_ROWS
  const long long index = *x, row = index < 0 ? index + p.limit : index;
  if (row >= 0 && row < p.limit) return (Key)row;
  report_index(p.status, index, p.limit);
  return (Key)p.limit;
#else
  const Key key = ordered_bits(load(x));
  return p.descends ? ~key : key;
#endif
}

KERATA_DEVICE void emit(const SortParameters& p, Index row, Index rank, const Item& item) {
#ifdef KERATA_SORT_ROWS
  p.keys[row * (Index)p.size + rank] = key_of(item);
  p.order[row * (Index)p.size + rank] = (int)place_of(item);
#else
  Index outer = row;
  const Index j = take_rest(outer, p.inner), inner = (Index)p.inner.divisor;
  const Index to = (outer * (Index)p.kept + rank) * inner + j;
  p.order[to] = (int)place_of(item);
  if (p.values) p.values[to] = p.x[(outer * (Index)p.size + (Index)place_of(item)) * inner + j];
#endif
}

KERATA_KERNEL(sort_tiles, SortParameters) {
  __shared__ Item items[kTile];
  const Item last = Item::make((Key) ~(Key)0, 0xffffffffu);
  for (Index block = blockIdx.x; block * (kTile / p.width) < (Index)p.chunks; block += gridDim.x) {
    for (int slot = threadIdx.x; slot < kTile; slot += blockDim.x) {
      const Index chunk = block * (kTile / p.width) + slot / p.width;
      Index row = chunk;
      const Index i = take_rest(row, p.chunks_of_row) * p.width + slot % p.width;
      items[slot] = last;
      if (chunk >= (Index)p.chunks || i >= (Index)p.size) continue;
      Index outer = row;
      const Index j = take_rest(outer, p.inner);
      const X* x = p.x + ((outer * (Index)p.size + i) * (Index)p.inner.divisor + j);
      items[slot] = Item::make(find_key(p, x), (unsigned int)i);
    }
    __syncthreads();
    for (int length = 2; length <= p.width; length *= 2)
      for (int step = length / 2; step > 0; step /= 2) {
        for (int pair = threadIdx.x; pair < kTile / 2; pair += blockDim.x) {
          const int a = pair / step * step * 2 + pair % step, b = a + step;
          const bool rises = length == p.width || (a & length) == 0;
          const Item x = items[a], y = items[b];
          if (is_less(y, x) != rises) continue;
          items[a] = y;
          items[b] = x;
        }
        __syncthreads();
      }
    for (int slot = threadIdx.x; slot < kTile; slot += blockDim.x) {
      const Index chunk = block * (kTile / p.width) + slot / p.width;
      Index row = chunk;
      const Index first = take_rest(row, p.chunks_of_row) * p.width, i = first + slot % p.width;
      if (chunk >= (Index)p.chunks || i >= (Index)p.size || slot % p.width >= p.kept) continue;
      if (p.is_last)
        emit(p, row, i, items[slot]);
      else
        p.to[row * (Index)p.size + i] = items[slot];
    }
    __syncthreads();
  }
}
