// Reading by index. In front: indexing.cuh; T, an unsigned integer of the elements' size or Wide; I, the type of
// indices.

/// The row that an index means, or -1 after a report when there is none.
KERATA_DEVICE Index row_of(I index, long long size, Status* status) {
  const long long row = index < 0 ? index + size : index;
  if (row >= 0 && row < size) return (Index)row;
  report_index(status, index, size);
  return -1;
}

struct TakeParameters {
  const T* x;  // (outer, size, inner)
  const I* indices;
  T* out;
  Status* status;
  long long total, size;
  Divide inner, count;
};
/// out (outer, count, inner) = x[:, indices, :]
KERATA_KERNEL(take, TakeParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index j = take_rest(outer, p.inner), k = take_rest(outer, p.count);
    const Index row = row_of(p.indices[k], p.size, p.status);
    p.out[i] = row < 0 ? T() : p.x[(outer * (Index)p.size + row) * (Index)p.inner.divisor + j];
  }
}
/// out (outer, count, inner)[o, k, j] = x[o, indices[o, k, j], j]
KERATA_KERNEL(take_along, TakeParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index j = take_rest(outer, p.inner);
    outer = quotient(outer, p.count);
    const Index row = row_of(p.indices[i], p.size, p.status);
    p.out[i] = row < 0 ? T() : p.x[(outer * (Index)p.size + row) * (Index)p.inner.divisor + j];
  }
}
