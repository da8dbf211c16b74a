// Comparisons and logic: bool results, no gradient.
#include "kerata/ops/math.h"
#include "ops/infer.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::ops {
namespace {

/// a, b of one dtype, broadcast -> bool.
template <const OpDef& Op>
std::vector<ValueType> infer_compare(std::span<const ValueType> in, const Attrs&) {
  require<ValueError>(in[0].dtype == in[1].dtype, Op.name, "Expected operands of one dtype, received ", in[0].dtype,
                      " and ", in[1].dtype, '.');
  return one(DType::boolean, broadcast_shapes(Op.name, in[0].shape, in[1].shape));
}

template <const OpDef& Op>
constexpr OpDef comparison(std::string_view name) {
  return {.name = name, .infer = infer_compare<Op>, .elementwise = true, .zero_gradient = true};
}

std::vector<ValueType> infer_truth(std::span<const ValueType> in, const Attrs&) {
  return one(DType::boolean, in[0].shape);
}

/// condition bool, a and b of one dtype; all broadcast.
std::vector<ValueType> infer_where(std::span<const ValueType> in, const Attrs&) {
  require<ValueError>(in[0].dtype == DType::boolean, "where", "Expected a condition of dtype bool, received ",
                      in[0].dtype, '.');
  require<ValueError>(in[1].dtype == in[2].dtype, "where", "Expected operands of one dtype, received ", in[1].dtype,
                      " and ", in[2].dtype, '.');
  return one(in[1].dtype, broadcast_shapes("where", in[0].shape, broadcast_shapes("where", in[1].shape, in[2].shape)));
}

std::vector<Tensor> where_vjp(const VjpArgs& args) {
  const Tensor& g = args.grad();
  const Tensor zero = scalar(0, g.dtype());
  return {Tensor(), if_needed(args, 1, [&] { return sum_to(where(args.in(0), g, zero), args.in(1)); }),
          if_needed(args, 2, [&] { return sum_to(where(args.in(0), zero, g), args.in(2)); })};
}

Tensor compare(const OpDef& op, const Operand& a, const Operand& b) {
  const DType dtype = common_type(a, b);
  const DType computed = is_half(dtype) ? DType::float32 : dtype;
  return apply(op, {as_tensor(a, computed), as_tensor(b, computed)});
}

Tensor logical(const OpDef& op, const Operand& a, const Operand& b) {
  return apply(op, {as_tensor(a, DType::boolean), as_tensor(b, DType::boolean)});
}

}  // namespace

const OpDef kEqual = comparison<kEqual>("equal");
const OpDef kNotEqual = comparison<kNotEqual>("not_equal");
const OpDef kLess = comparison<kLess>("less");
const OpDef kLessEqual = comparison<kLessEqual>("less_equal");
const OpDef kGreater = comparison<kGreater>("greater");
const OpDef kGreaterEqual = comparison<kGreaterEqual>("greater_equal");
const OpDef kLogicalAnd = comparison<kLogicalAnd>("logical_and");
const OpDef kLogicalOr = comparison<kLogicalOr>("logical_or");
const OpDef kLogicalNot = {.name = "logical_not", .infer = infer_truth, .elementwise = true, .zero_gradient = true};
const OpDef kIsfinite = {.name = "isfinite", .infer = infer_truth, .elementwise = true, .zero_gradient = true};
const OpDef kWhere = {.name = "where", .infer = infer_where, .vjp = where_vjp, .elementwise = true, .selects = true};

Tensor equal(const Operand& a, const Operand& b) { return compare(kEqual, a, b); }
Tensor not_equal(const Operand& a, const Operand& b) { return compare(kNotEqual, a, b); }
Tensor less(const Operand& a, const Operand& b) { return compare(kLess, a, b); }
Tensor less_equal(const Operand& a, const Operand& b) { return compare(kLessEqual, a, b); }
Tensor greater(const Operand& a, const Operand& b) { return compare(kGreater, a, b); }
Tensor greater_equal(const Operand& a, const Operand& b) { return compare(kGreaterEqual, a, b); }
Tensor logical_and(const Operand& a, const Operand& b) { return logical(kLogicalAnd, a, b); }
Tensor logical_or(const Operand& a, const Operand& b) { return logical(kLogicalOr, a, b); }
Tensor logical_not(const Tensor& x) { return apply(kLogicalNot, {cast_to(x, DType::boolean)}); }

Tensor isfinite(const Tensor& x) {
  return apply(kIsfinite, {cast_to(x, x.dtype() == DType::float64 ? DType::float64 : DType::float32)});
}

Tensor where(const Tensor& condition, const Operand& a, const Operand& b) {
  const DType dtype = common_type(a, b);
  return apply(kWhere, {cast_to(condition, DType::boolean), as_tensor(a, dtype), as_tensor(b, dtype)});
}

}  // namespace kerata::ops
