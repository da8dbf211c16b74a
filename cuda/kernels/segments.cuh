// Adding rows by sorted indices, in an order that is the same in every run: chunks of sorted updates are summed, then
// the sums of rows that lie in several chunks. In front: indexing.cuh; T, the elements; Sum, what they are summed in.

const int kChunk = 64;

struct SegmentParameters {
  const unsigned int* keys;  // sorted rows; `size` where an index was out of range
  const int* order;          // which update
  const T* updates;          // (outer, count, inner)
  const T* initial;          // (outer, size, inner), or none: zeros
  T* out;                    // filled with that before
  Sum* partial;              // (outer, chunks, 2, inner): of a row that began before, of one that goes on after
  long long count, size, total;
  Divide inner, chunks;
};

KERATA_DEVICE void write_row(const SegmentParameters& p, Index outer, Index row, Index j, Sum sum) {
  const Index at = (outer * (Index)p.size + row) * (Index)p.inner.divisor + j;
  if (p.initial) sum += (Sum)load(p.initial + at);
  store(p.out + at, (typename Computed<T>::type)sum);
}
KERATA_DEVICE Sum* partial_of(const SegmentParameters& p, Index outer, Index chunk, int slot, Index j) {
  return p.partial + (((outer * (Index)p.chunks.divisor + chunk) * 2 + slot) * (Index)p.inner.divisor + j);
}

KERATA_KERNEL(sum_chunks, SegmentParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index j = take_rest(outer, p.inner), chunk = take_rest(outer, p.chunks), inner = (Index)p.inner.divisor;
    const Index first = chunk * kChunk, end = min((Index)p.count, first + kChunk);
    const T* updates = p.updates + (outer * (Index)p.count * inner + j);
    unsigned int row = p.keys[first];
    bool began_before = first > 0 && p.keys[first - 1] == row;
    Sum sum = 0;
    for (Index k = first; k < end; ++k) {
      const unsigned int next = p.keys[k];
      if (next != row) {
        if (began_before)
          *partial_of(p, outer, chunk, 0, j) = sum;
        else
          write_row(p, outer, (Index)row, j, sum);
        row = next;
        began_before = false;
        sum = 0;
      }
      if (row < (unsigned int)p.size) sum += (Sum)load(updates + (Index)p.order[k] * inner);
    }
    const bool goes_on = end < (Index)p.count && p.keys[end] == row;
    if (goes_on || began_before)
      *partial_of(p, outer, chunk, goes_on ? 1 : 0, j) = sum;
    else if (row < (unsigned int)p.size)
      write_row(p, outer, (Index)row, j, sum);
  }
}

/// The last of the neighbours of keys[first] that equal it: keys are sorted.
KERATA_DEVICE Index last_equal(const SegmentParameters& p, Index first) {
  const unsigned int row = p.keys[first];
  Index end = (Index)p.count;
  while (first + 1 < end) {
    const Index middle = first + (end - first) / 2;
    if (p.keys[middle] == row)
      first = middle;
    else
      end = middle;
  }
  return first;
}

/// For each row that goes on after the chunk that it begins in. A row may be most of the updates (padding): where it
/// ends is looked up first, so that its sums are loaded beside each other.
KERATA_KERNEL(join_chunks, SegmentParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index j = take_rest(outer, p.inner);
    Index chunk = take_rest(outer, p.chunks);
    const Index first = chunk * kChunk, end = first + kChunk;
    if (end >= (Index)p.count) continue;
    const unsigned int row = p.keys[end - 1];
    const bool begins = p.keys[first] != row || first == 0 || p.keys[first - 1] != row;
    if (row >= (unsigned int)p.size || p.keys[end] != row || !begins) continue;
    const Index last = last_equal(p, end) / kChunk;
    Sum sum = 0;
#pragma unroll 8
    for (; chunk < last; ++chunk) sum += *partial_of(p, outer, chunk, 1, j);
    sum += *partial_of(p, outer, last, 0, j);
    write_row(p, outer, (Index)row, j, sum);
  }
}

/// As take_along_axis read: keys and order (rows, count) for each (outer, inner), updates (outer, count, inner).
KERATA_KERNEL(sum_columns, SegmentParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index k = take_rest(outer, p.chunks);  // the divisor is count here
    const Index begin = i - k, count = (Index)p.count, inner = (Index)p.inner.divisor;
    const unsigned int row = p.keys[i];
    if (row >= (unsigned int)p.size || (k > 0 && p.keys[i - 1] == row)) continue;
    const Index j = take_rest(outer, p.inner);
    Sum sum = 0;
    for (Index n = k; n < count && p.keys[begin + n] == row; ++n)
      sum += (Sum)load(p.updates + ((outer * count + (Index)p.order[begin + n]) * inner + j));
    write_row(p, outer, (Index)row, j, sum);
  }
}
