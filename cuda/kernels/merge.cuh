
/// Each thread writes 8 items of two merged runs; where they come from is found by bisection.
KERATA_KERNEL(merge_runs, SortParameters) {
  const Index size = (Index)p.size, kept = (Index)p.kept, run = (Index)p.run;
  for (Index chunk = first_index(); chunk < (Index)p.chunks; chunk += index_step()) {
    Index row = chunk;
    const Index at = take_rest(row, p.chunks_of_row) * 8;
    const Index start = at / (2 * run) * (2 * run), middle = min(start + run, size);
    const Item* a = p.from + row * size + start;
    const Item* b = p.from + row * size + middle;
    const Index a_size = min(kept, middle - start), b_size = min(kept, min(run, size - middle));
    const Index total = min(kept, a_size + b_size);
    Index rank = at - start;
    if (rank >= total) continue;
    Index low = max(Index(0), rank - b_size), high = min(rank, a_size);
    while (low < high) {
      const Index i = (low + high) / 2;
      if (is_less(a[i], b[rank - 1 - i]))
        low = i + 1;
      else
        high = i;
    }
    Index i = low, j = rank - low;
    for (int n = 0; n < 8 && rank < total; ++n, ++rank) {
      const bool from_a = j >= b_size || (i < a_size && is_less(a[i], b[j]));
      const Item item = from_a ? a[i++] : b[j++];
      if (p.is_last)
        emit(p, row, rank, item);
      else
        p.to[row * size + start + rank] = item;
    }
  }
}
