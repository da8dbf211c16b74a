// Batches from data that lies on the device. Unit: the largest of 1, 4 and 16 bytes that a row is made of.
struct FeedState {
  long long first;
  unsigned long long key, step;
};

struct Gather {
  const Unit* from;        // (samples, units), row-major
  const long long* order;  // (samples), or null
  const FeedState* state;
  Unit* to;  // (count, units)
  long long count, units;
};
KERATA_KERNEL(gather_rows, Gather) {
  const long long first = p.state->first;
  for (long long i = first_index(); i < p.count * p.units; i += index_step()) {
    const long long row = i / p.units, place = first + row;
    p.to[i] = p.from[(p.order ? p.order[place] : place) * p.units + i % p.units];
  }
}

struct Copy {
  const Unit* from;
  Unit* to;
  long long units;
};
KERATA_KERNEL(copy, Copy) {
  for (long long i = first_index(); i < p.units; i += index_step()) p.to[i] = p.from[i];
}
KERATA_KERNEL(fill_zero, Copy) {
  for (long long i = first_index(); i < p.units; i += index_step()) p.to[i] = Unit{};
}

// A block for each.
struct Zeros {
  Unit* to[16];
  unsigned units[16];
};
KERATA_KERNEL(fill_zeros, Zeros) {
  for (unsigned i = threadIdx.x; i < p.units[blockIdx.x]; i += blockDim.x) p.to[blockIdx.x][i] = Unit{};
}

struct Advance {
  FeedState* state;
  long long count;
};
KERATA_KERNEL(advance, Advance) {
  if (first_index() != 0) return;
  p.state->first += p.count;
  p.state->step += 1;
}

struct TakeRandomState {
  const FeedState* state;
  unsigned long long* to;
};
KERATA_KERNEL(take_random_state, TakeRandomState) {
  if (first_index() != 0) return;
  p.to[0] = p.state->key;
  p.to[1] = p.state->step;
}
