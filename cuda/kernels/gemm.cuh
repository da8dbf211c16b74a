// A product of matrices of any kind: squares of the result, 16 steps along k at a time through shared memory, TM x
// TM results a thread. In front: indexing.cuh; T, the operands' elements; Acc, what is summed in; R, the result's elements;
// TM, 4 or 8; A_ALONG_K and B_ALONG_K, 1 where an operand lies dense along k, else 0; then the operands (matmul.cuh or
// conv.cuh): Parameters, and places of their rows and columns, which are found once and used often.

const int kSquare = 16 * TM, kSteps = 16;

struct alignas(4 * sizeof(Acc)) Four {
  Acc v[4];
};

/// next[i]: the elements of a (rows from m0 on) that this thread brings to shared memory.
KERATA_DEVICE void fetch_a(const Parameters& p, const BatchPlace& batch, const RowPlace* rows, Index k0, Index end,
                           Acc* next) {
#pragma unroll
  for (int i = 0; i < TM; ++i) {
    const Index k = k0 + (A_ALONG_K ? threadIdx.x % kSteps : threadIdx.x / kSquare + 256 / kSquare * i);
    next[i] = k < end ? value_a(p, batch, rows[A_ALONG_K ? i : 0], depth_of_a(p, k)) : Acc(0);
  }
}
KERATA_DEVICE void fetch_b(const Parameters& p, const BatchPlace& batch, const ColumnPlace* columns, Index k0,
                           Index end, Acc* next) {
#pragma unroll
  for (int i = 0; i < TM; ++i) {
    const Index k = k0 + (B_ALONG_K ? threadIdx.x % kSteps : threadIdx.x / kSquare + 256 / kSquare * i);
    next[i] = k < end ? value_b(p, batch, columns[B_ALONG_K ? i : 0], depth_of_b(p, k)) : Acc(0);
  }
}
/// Where element i that a thread brings stands in its square; along k for operands that lie so.
KERATA_DEVICE int across(int along_k, int i) {
  return along_k ? threadIdx.x / kSteps + 16 * i : threadIdx.x % kSquare;
}
KERATA_DEVICE int depth(int along_k, int i) {
  return along_k ? threadIdx.x % kSteps : threadIdx.x / kSquare + 256 / kSquare * i;
}

KERATA_KERNEL(gemm, Parameters) {
  __shared__ Four as[kSteps][kSquare / 4 + 1], bs[kSteps][kSquare / 4 + 1];
  const Index m = (Index)p.product.m, n = (Index)p.product.n;
  Index square = blockIdx.x;
  const Index n0 = take_rest(square, p.product.squares_n) * kSquare, m0 = square * kSquare;
  RowPlace rows[A_ALONG_K ? TM : 1];
  ColumnPlace columns[B_ALONG_K ? TM : 1];
  // Beyond the edge the last row and column come again; their results are not written.
#pragma unroll
  for (int i = 0; i < (A_ALONG_K ? TM : 1); ++i) rows[i] = row_of_a(p, min(m0 + across(A_ALONG_K, i), m - 1));
#pragma unroll
  for (int i = 0; i < (B_ALONG_K ? TM : 1); ++i) columns[i] = column_of_b(p, min(n0 + across(B_ALONG_K, i), n - 1));
  const int x = threadIdx.x % 16 * TM, y = threadIdx.x / 16 * TM;
  for (Index layer = blockIdx.z; layer < (Index)p.product.layers; layer += gridDim.z) {
    Index number = layer;
    const Index part = take_rest(number, p.product.parts);
    const BatchPlace batch = batch_of(p, number);
    const Index begin = part * (Index)p.product.part_k, end = min((Index)p.product.k, begin + (Index)p.product.part_k);
    Acc sums[TM][TM] = {}, next_a[TM], next_b[TM];
    fetch_a(p, batch, rows, begin, end, next_a);
    fetch_b(p, batch, columns, begin, end, next_b);
    for (Index k0 = begin; k0 < end; k0 += kSteps) {
#pragma unroll
      for (int i = 0; i < TM; ++i) {
        ((Acc*)as[depth(A_ALONG_K, i)])[across(A_ALONG_K, i)] = next_a[i];
        ((Acc*)bs[depth(B_ALONG_K, i)])[across(B_ALONG_K, i)] = next_b[i];
      }
      __syncthreads();
      if (k0 + kSteps < end) {  // on the way while this part is multiplied
        fetch_a(p, batch, rows, k0 + kSteps, end, next_a);
        fetch_b(p, batch, columns, k0 + kSteps, end, next_b);
      }
#pragma unroll 32 / TM
      for (int k = 0; k < kSteps; ++k) {
        Four a[TM / 4], b[TM / 4];
#pragma unroll
        for (int i = 0; i < TM / 4; ++i) a[i] = as[k][y / 4 + i], b[i] = bs[k][x / 4 + i];
#pragma unroll
        for (int i = 0; i < TM; ++i)
#pragma unroll
          for (int j = 0; j < TM; ++j) sums[i][j] += a[i / 4].v[i % 4] * b[j / 4].v[j % 4];
      }
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < TM; ++i)
#pragma unroll
      for (int j = 0; j < TM; ++j) {
        if (m0 + y + i >= m || n0 + x + j >= n) continue;
        if (p.partial)
          p.partial[(layer * m + m0 + y + i) * n + n0 + x + j] = sums[i][j];
        else
          finish(p.product, number, m0 + y + i, n0 + x + j, sums[i][j]);
      }
  }
}
