// Behind the kernels that are joined: the one that calls them.

/// A launch: which of the kernels, where its parameters begin, its own grid, the block that takes its first place, and
/// whether all blocks wait for each other before it.
struct JoinedPart {
  unsigned kernel, parameters;
  uint3 grid;
  unsigned first, waits;
};
/// The parts, then what their kernels take.
struct Joined {
  unsigned count;
  alignas(16) unsigned char bytes[KERATA_JOINED_BYTES];
};

KERATA_DEVICE void run_kernel(unsigned kernel, const unsigned char* parameters);  // a switch, made for these launches

KERATA_DEVICE void run_parts(const Joined& p) {
  for (unsigned i = 0; i < p.count; ++i) {
    const JoinedPart& part = ((const JoinedPart*)p.bytes)[i];
    if (part.waits) join_blocks();
    const unsigned taken = (joined_rank() + KERATA_JOINED - part.first) % KERATA_JOINED;
    for (unsigned place = taken; place < part.grid.x * part.grid.y * part.grid.z; place += KERATA_JOINED) {
      take_place(place, part.grid);
      run_kernel(part.kernel, p.bytes + part.parameters);
      __syncthreads();
    }
  }
}

#if KERATA_JOINED > 1
KERATA_CLUSTER_ENTRY(joined, Joined, KERATA_JOINED) { run_parts(p); }
#else
KERATA_ENTRY(joined, Joined) { run_parts(p); }
#endif
