// Copies that exchange the axis which lies dense: squares are turned in shared memory, so that both sides are read and
// written in whole lines. In front: indexing.cuh, and T, an unsigned integer of the elements' size.

struct TurnAxis {
  Divide size;
  long long from, to;
};
struct TurnParameters {
  const T* from;
  T* to;
  long long inner, inner_from;  // dense in the result
  long long cross, cross_to;    // dense in the source
  long long squares, rank;
  Divide inner_squares, cross_squares;
  TurnAxis axes[8];  // the others
};
KERATA_KERNEL(turn, TurnParameters) {
  __shared__ T square[32][33];
  const int x = threadIdx.x % 32, y = threadIdx.x / 32;
  for (Index task = blockIdx.x; task < (Index)p.squares; task += gridDim.x) {
    Index rest = task, from = 0, to = 0;
    const Index first_cross = 32 * take_rest(rest, p.cross_squares);
    const Index first_inner = 32 * take_rest(rest, p.inner_squares);
    for (int axis = (int)p.rank - 1; axis >= 0; --axis) {
      const Index k = take_rest(rest, p.axes[axis].size);
      from += k * (Index)p.axes[axis].from;
      to += k * (Index)p.axes[axis].to;
    }
    for (int i = y; i < 32; i += 8)
      if (first_inner + i < (Index)p.inner && first_cross + x < (Index)p.cross)
        square[i][x] = p.from[from + (first_inner + i) * (Index)p.inner_from + first_cross + x];
    __syncthreads();
    for (int i = y; i < 32; i += 8)
      if (first_cross + i < (Index)p.cross && first_inner + x < (Index)p.inner)
        p.to[to + (first_cross + i) * (Index)p.cross_to + first_inner + x] = square[x][i];
    __syncthreads();
  }
}
