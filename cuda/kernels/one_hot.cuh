// Labels as rows of zeros with a one. In front: indexing.cuh; T, an unsigned integer of the elements' size; I, the type
// of labels.

struct OneHotParameters {
  const I* labels;  // (outer, inner)
  T* out;           // (outer, size, inner)
  unsigned long long one;
  long long total;
  Divide inner, size;
};
KERATA_KERNEL(one_hot, OneHotParameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    Index outer = i;
    const Index j = take_rest(outer, p.inner), k = take_rest(outer, p.size);
    p.out[i] = p.labels[outer * (Index)p.inner.divisor + j] == k ? (T)p.one : T(0);
  }
}
