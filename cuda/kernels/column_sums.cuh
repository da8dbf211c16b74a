// Sums of the columns of a matrix, in an order that is the same in every run. In front: indexing.cuh; T, the elements;
// Sum, what they are summed in; R, the result's elements.

struct Parameters {
  const T* x;                            // (rows, columns)
  R* out;                                // (bands, columns)
  long long rows, columns, bands, band;  // rows of a band
};
/// A block sums 32 columns of a band: 8 rows at a time, then those 8 sums.
KERATA_KERNEL(column_sums, Parameters) {
  __shared__ Sum sums[8][32];
  const int x = threadIdx.x % 32, y = threadIdx.x / 32;
  const Index column = blockIdx.x * 32 + x;
  for (Index band = blockIdx.z; band < (Index)p.bands; band += gridDim.z) {
    const Index begin = band * (Index)p.band, end = min((Index)p.rows, begin + (Index)p.band);
    Sum sum = 0;
    if (column < (Index)p.columns)
      for (Index row = begin + y; row < end; row += 8) sum += (Sum)load(p.x + (row * (Index)p.columns + column));
    sums[y][x] = sum;
    __syncthreads();
    if (y == 0 && column < (Index)p.columns) {
      for (int i = 1; i < 8; ++i) sum += sums[i][x];
      store(p.out + (band * (Index)p.columns + column), (typename Computed<R>::type)sum);
    }
    __syncthreads();
  }
}
