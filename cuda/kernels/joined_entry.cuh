// Behind the kernels that are joined: the one that calls them.

/// A launch: which of the kernels, where its parameters begin, its own grid, the block that takes its first place, and
/// whether all blocks wait for each other before it.
struct JoinedPart {
  unsigned kernel, parameters;
  uint3 grid;
  unsigned first, waits;
};
/// `bytes` are the parts, then what their kernels take.
struct Joined {
  unsigned count;
#if KERATA_JOINED_IN_MEMORY
  const unsigned char* bytes;
#else
  alignas(16) unsigned char bytes[KERATA_JOINED_BYTES];
#endif
};

KERATA_DEVICE void run_kernel(unsigned kernel, const unsigned char* parameters);  // a switch, made for these launches

KERATA_DEVICE void run_parts(unsigned count, const unsigned char* bytes) {
  for (unsigned i = 0; i < count; ++i) {
    const JoinedPart& part = ((const JoinedPart*)bytes)[i];
    if (part.waits) join_blocks();
    const unsigned taken = (joined_rank() + KERATA_JOINED - part.first) % KERATA_JOINED;
    for (unsigned place = taken; place < part.grid.x * part.grid.y * part.grid.z; place += KERATA_JOINED) {
      take_place(place, part.grid);
      run_kernel(part.kernel, bytes + part.parameters);
      __syncthreads();
    }
  }
}

KERATA_DEVICE void run_joined(const Joined& p) {
#if KERATA_JOINED_IN_MEMORY
  struct alignas(16) Unit {
    unsigned x[4];
  };
  __shared__ Unit copied[KERATA_JOINED_BYTES / sizeof(Unit)];
  for (unsigned i = threadIdx.x; i < KERATA_JOINED_BYTES / sizeof(Unit); i += blockDim.x)
    copied[i] = ((const Unit*)p.bytes)[i];
  __syncthreads();
  run_parts(p.count, (const unsigned char*)copied);
#else
  run_parts(p.count, p.bytes);
#endif
}

#if KERATA_JOINED > 1
KERATA_CLUSTER_ENTRY(joined, Joined, KERATA_JOINED) { run_joined(p); }
#else
KERATA_ENTRY(joined, Joined) { run_joined(p); }
#endif
