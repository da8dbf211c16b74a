// The operands of a product of matrices, with batches that broadcast. In front: gemm_result.cuh.

struct Parameters {
  Product product;
  Acc* partial;  // (layers, m, n), when k is split
  const T *a, *b;
  long long a_row, a_depth, b_depth, b_column;  // strides, in elements
  long long batch_rank;
  struct {
    Divide size;
    long long a, b;
  } batch[6];
};
struct BatchPlace {
  const T *a, *b;
};
typedef Index RowPlace;
typedef Index ColumnPlace;
KERATA_DEVICE BatchPlace batch_of(const Parameters& p, Index number) {
  BatchPlace place = {p.a, p.b};
  for (int axis = (int)p.batch_rank - 1; axis >= 0; --axis) {
    const Index k = take_rest(number, p.batch[axis].size);
    place.a += k * (Index)p.batch[axis].a;
    place.b += k * (Index)p.batch[axis].b;
  }
  return place;
}
KERATA_DEVICE Index row_of_a(const Parameters& p, Index row) { return row * (Index)p.a_row; }
KERATA_DEVICE Index depth_of_a(const Parameters& p, Index k) { return k * (Index)p.a_depth; }
KERATA_DEVICE Index column_of_b(const Parameters& p, Index column) { return column * (Index)p.b_column; }
KERATA_DEVICE Index depth_of_b(const Parameters& p, Index k) { return k * (Index)p.b_depth; }
KERATA_DEVICE Acc value_a(const Parameters&, const BatchPlace& batch, Index row, Index k) {
  return (Acc)load(batch.a + (row + k));
}
KERATA_DEVICE Acc value_b(const Parameters&, const BatchPlace& batch, Index column, Index k) {
  return (Acc)load(batch.b + (column + k));
}
