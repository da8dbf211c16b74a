// Casts of several tensors: a block takes a tile of one of them. In front: blocks.cuh; kSegments and kTile as the
// launcher has them.

struct Segment {
  const float* from;
  void* to;
  long long count;
  int first_tile;  // of all tiles of the launch
  int aligned;     // four elements can be read and written at once
};
struct Parameters {
  Segment segments[kSegments];
  int num_segments, num_tiles;
};

template <class T>
KERATA_DEVICE void cast_four(const Segment& s, long long at) {
  const Quad<float> wide = load_quad(s.from + at, s.aligned);
  Quad<T> narrow;
#pragma unroll
  for (int k = 0; k < 4; ++k) store(&narrow.v[k], wide.v[k]);
  store_quad((T*)s.to + at, narrow, s.aligned);
}

template <class T>
KERATA_DEVICE void cast_segments(const Parameters& p) {
  for (int tile = blockIdx.x; tile < p.num_tiles; tile += gridDim.x) {
    const Segment& s = segment_of_tile(p.segments, p.num_segments, tile);
    const long long first = (long long)(tile - s.first_tile) * kTile, end = min(s.count, first + kTile);
    const long long whole = end - end % 4;
    for (long long at = first + 4 * threadIdx.x; at < whole; at += 4 * kThreads) cast_four<T>(s, at);
    if (whole + threadIdx.x < end) store((T*)s.to + whole + threadIdx.x, s.from[whole + threadIdx.x]);
  }
}
