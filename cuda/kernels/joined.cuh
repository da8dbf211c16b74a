// In front of the prelude where kernels of several launches are one (joined_launch.h): KERATA_JOINED blocks, which are a
// cluster, take the places of the blocks of each of these launches in turn. Kernels see these places as their own.
__shared__ uint3 joined_block, joined_grid;

static __device__ __forceinline__ unsigned joined_rank() { return blockIdx.x; }

static __device__ __forceinline__ void take_place(unsigned place, uint3 grid) {
  if (threadIdx.x == 0) {
    joined_grid = grid;
    joined_block = {place % grid.x, place / grid.x % grid.y, place / grid.x / grid.y};
  }
  __syncthreads();
}

/// Until all blocks are here; what they wrote can be read then.
static __device__ __forceinline__ void join_blocks() {
  __syncthreads();
#if KERATA_JOINED > 1
#ifdef KERATA_HOST
  kerata_cluster_barrier();
#else
  asm volatile("barrier.cluster.arrive;\n barrier.cluster.wait;" ::: "memory");
#endif
#endif
}

/// Kernels become functions of their parameters.
#define KERATA_KERNEL(name, Parameters)  \
  typedef Parameters name##_parameters; \
  KERATA_DEVICE void name(const Parameters& p)

#define blockIdx joined_block
#define gridDim joined_grid
