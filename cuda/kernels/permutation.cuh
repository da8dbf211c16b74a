// The permutation that Fisher and Yates give on the CPU (cpu/random.cpp: from i = n - 1 down, element i is exchanged
// with element partner(i) <= i), found for all elements at once. When step i comes, place p holds what the last step
// k > i with partner(k) = p has put there, which is what place k held before: next(k) = the least k' > k with
// partner(k') = k, and so on to a place that no step has touched.
#define KERATA_EACH_STEP(i) for (int i = (int)first_index(); i < p.count; i += (int)index_step())

/// Steps by their partners, as lists in any order.
KERATA_KERNEL(permutation_clear, PermutationParameters) {
  KERATA_EACH_STEP(i) p.heads[i] = -1;
}
KERATA_KERNEL(permutation_link, PermutationParameters) {
  const unsigned long long key = random_key(p.state);
  KERATA_EACH_STEP(i) {
    const Words words = philox(key, p.stream, (unsigned long long)(i / 2));
    const int partner = (int)__umul64hi(word64(words, i % 2), (unsigned long long)i + 1);
    p.partners[i] = partner;
    p.links[i] = atomicExch(&p.heads[partner], i);
  }
}

/// The first step after `after` (counted upwards) whose partner is `place`; -1: none.
KERATA_DEVICE int step_after(const PermutationParameters& p, int place, int after) {
  int found = -1;
  for (int k = p.heads[place]; k >= 0; k = p.links[k])
    if (k > after && (found < 0 || k < found)) found = k;
  return found;
}

KERATA_KERNEL(permutation_next, PermutationParameters) {
  KERATA_EACH_STEP(i) p.next[i] = step_after(p, i, i);
}
KERATA_KERNEL(permutation_values, PermutationParameters) {
  KERATA_EACH_STEP(i) {
    int place = p.partners[i];
    for (int k = step_after(p, place, i); k >= 0; k = p.next[k]) place = k;
    p.out[i] = place;
  }
}
