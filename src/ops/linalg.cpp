// Matrix products: matmul (with transposes, batches, fused bias and activation), dot.
#include "kerata/ops/linalg.h"

#include <algorithm>

#include "kerata/ops/shape.h"
#include "ops/linalg_attrs.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

// One axis of the broadcast batch; unknown sizes give way to known ones.
Dim broadcast_dim(Dim a, Dim b, const Shape& shape_a, const Shape& shape_b) {
  if (a == 1) return b;
  if (b == 1 || a == b) return a;
  if (a < 0) return b;
  if (b < 0) return a;
  fail<ShapeError>("matmul", "Leading axes do not broadcast. Received ", shape_a, " and ", shape_b, '.');
}

Shape batch_shape(const Shape& a, const Shape& b) {
  const Dim rank = std::max(a.rank(), b.rank());
  Shape batch;
  for (Dim axis = 0; axis < rank - 2; ++axis) {
    const Dim i = axis - (rank - a.rank()), j = axis - (rank - b.rank());
    batch.push_back(broadcast_dim(i < 0 ? 1 : a[i], j < 0 ? 1 : b[j], a, b));
  }
  return batch;
}

std::vector<ValueType> infer_matmul(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<MatmulAttrs>();
  const Shape &a = in[0].shape, &b = in[1].shape;
  require<ShapeError>(a.rank() >= 2 && b.rank() >= 2, "matmul", "Expected two tensors of at least 2 axes, received ", a,
                      " and ", b, '.');
  require<ValueError>(in[0].dtype == in[1].dtype, "matmul", "Expected one type, received ", in[0].dtype, " and ",
                      in[1].dtype, '.');
  const Dim k = a[p.trans_a ? -2 : -1], other = b[p.trans_b ? -1 : -2], n = b[p.trans_b ? -2 : -1];
  require<ShapeError>(k < 0 || other < 0 || k == other, "matmul", "The inner sizes differ. Expected b with ", k,
                      " rows, received a ", a, " and b ", b, p.trans_a ? " (a transposed)" : "",
                      p.trans_b ? " (b transposed)" : "", '.');
  if (p.has_bias)
    require<ShapeError>(in[2].shape == Shape{n}, "matmul", "Expected a bias of shape (", n, ",), received ",
                        in[2].shape, '.');
  Shape result = batch_shape(a, b);
  result.push_back(a[p.trans_a ? -1 : -2]);
  result.push_back(n);
  const bool small = in[0].dtype == DType::int8;  // as in Keras: sums of int8 products are int32
  return {{small ? DType::int32 : in[0].dtype, result}};
}

bool same_batch(const Shape& x, const Shape& y) {
  if (x.rank() != y.rank()) return false;
  for (Dim axis = 0; axis < x.rank() - 2; ++axis)
    if (x[axis] != y[axis]) return false;
  return true;
}

Tensor as_matrix(const Tensor& x) { return reshape(x, {-1, x.shape().back()}); }

// y = op(a) op(b), see https://people.maths.ox.ac.uk/gilesm/files/NA-08-01.pdf (2.2.2)
std::vector<Tensor> vjp_matmul(const VjpArgs& args) {
  const auto& p = args.attrs.as<MatmulAttrs>();
  const Tensor &a = args.in(0), &b = args.in(1), &g = args.grad();
  std::vector<Tensor> result(args.inputs.size());
  if (args.needed[0]) {
    const Tensor da = p.trans_a ? matmul(b, g, p.trans_b, true) : matmul(g, b, false, !p.trans_b);
    result[0] = same_batch(da.shape(), a.shape()) ? da : sum_to(da, a);
  }
  if (!args.needed[1]) return result;
  if (b.rank() == 2 && !p.trans_a) {  // one kernel for all of the batch: one product, not one per matrix
    const Tensor x = a.rank() == 2 ? a : as_matrix(a), gx = g.rank() == 2 ? g : as_matrix(g);
    result[1] = p.trans_b ? matmul(gx, x, true, false) : matmul(x, gx, true, false);
  } else {
    const Tensor db = p.trans_b ? matmul(g, a, true, p.trans_a) : matmul(a, g, !p.trans_a, false);
    result[1] = same_batch(db.shape(), b.shape()) ? db : sum_to(db, b);
  }
  return result;
}

std::vector<ValueType> infer_matmul_update(Types in, const Attrs&) {
  const Shape &w = in[0].shape, &a = in[1].shape, &g = in[2].shape;
  require<ShapeError>(w.rank() == 2 && a.rank() == 2 && g.rank() == 2 && w[0] == a[1] && w[1] == g[1], "matmul_update",
                      "Expected w (k, n), a (m, k), g (m, n), received ", w, ", ", a, ", ", g, '.');
  return {in[0]};
}

Tensor to_type(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : x.cast(dtype); }

// The result's shape without axis -1 or -2 (which has size 1 for an operand of rank 1).
Tensor drop_axis(const Tensor& x, Dim axis) {
  Shape shape;
  for (Dim i = 0; i < x.rank(); ++i)
    if (i != x.rank() + axis) shape.push_back(x.shape()[i]);
  return reshape(x, shape);
}

}  // namespace

const OpDef kMatmul = {.name = "matmul", .infer = infer_matmul, .vjp = vjp_matmul};
const OpDef kMatmulUpdate = {.name = "matmul_update", .infer = infer_matmul_update, .updates_inputs = true};

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  return apply(kMatmul, {a, b}, MatmulAttrs{.trans_a = transpose_a, .trans_b = transpose_b});
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  require<ShapeError>(a.rank() >= 1 && b.rank() >= 1, "matmul", "Expected tensors of at least one axis, received ",
                      a.shape(), " and ", b.shape(), ". Hint: multiply() for scalars.");
  const DType dtype = promote(a.dtype(), b.dtype());
  Tensor x = to_type(a, dtype), y = to_type(b, dtype);
  if (a.rank() == 1) x = reshape(x, {1, a.shape()[0]});
  if (b.rank() == 1) y = reshape(y, {b.shape()[0], 1});
  Tensor result = matmul(x, y, false, false);
  if (b.rank() == 1) result = drop_axis(result, -1);
  if (a.rank() == 1) result = drop_axis(result, b.rank() == 1 ? -1 : -2);
  return result;
}

Tensor dot(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0) return a * b;
  if (b.rank() <= 2) return matmul(a, b);
  // (a..., k) . (b..., k, n) -> (a..., b..., n): one product with b as (k, b... n).
  std::vector<Dim> order{b.rank() - 2};
  for (Dim axis = 0; axis < b.rank(); ++axis)
    if (axis != b.rank() - 2) order.push_back(axis);
  const Tensor y = transpose(b, order);
  Shape shape;
  for (Dim axis = 0; axis + 1 < a.rank(); ++axis) shape.push_back(a.shape()[axis]);
  for (Dim axis = 1; axis < y.rank(); ++axis) shape.push_back(y.shape()[axis]);
  return reshape(matmul(a, reshape(y, {y.shape()[0], -1})), shape);
}

}  // namespace kerata::ops
