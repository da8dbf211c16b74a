// Arithmetic on two operands.
#include "kerata/ops/math.h"
#include "ops/infer.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::ops {
namespace {

using Gradients = std::vector<Tensor>;

/// a, b of one dtype, broadcast.
template <const OpDef& Op>
std::vector<ValueType> infer_binary(std::span<const ValueType> in, const Attrs&) {
  require<ValueError>(in[0].dtype == in[1].dtype, Op.name, "Expected operands of one dtype, received ", in[0].dtype,
                      " and ", in[1].dtype, '.');
  return one(in[0].dtype, broadcast_shapes(Op.name, in[0].shape, in[1].shape));
}

Tensor apply_binary(const OpDef& op, const Operand& a, const Operand& b, DType dtype) {
  const DType computed = is_half(dtype) ? DType::float32 : dtype;
  std::vector<Tensor> operands;  // not a braced list: that would hold a second handle, and a cast's memory is reused
  operands.push_back(as_tensor(a, computed));
  operands.push_back(as_tensor(b, computed));
  return cast_to(apply(op, std::move(operands)), dtype);
}

Tensor zero_of(const Tensor& x) { return scalar(0, x.dtype()); }
Tensor one_of(const Tensor& x) { return scalar(1, x.dtype()); }

/// The share of g that goes to `mine` in a maximum or minimum: all where it was taken, half at ties.
Tensor taken(const Tensor& g, const Tensor& mine, const Tensor& wins, const Tensor& ties) {
  return sum_to(where(ties, 0.5 * g, where(wins, g, zero_of(g))), mine);
}

Gradients maximum_vjp(const VjpArgs& args) {
  const Tensor &a = args.in(0), &b = args.in(1), &g = args.grad();
  const Tensor ties = equal(a, b);
  return {if_needed(args, 0, [&] { return taken(g, a, greater(a, b), ties); }),
          if_needed(args, 1, [&] { return taken(g, b, greater(b, a), ties); })};
}

Gradients minimum_vjp(const VjpArgs& args) {
  const Tensor &a = args.in(0), &b = args.in(1), &g = args.grad();
  const Tensor ties = equal(a, b);
  return {if_needed(args, 0, [&] { return taken(g, a, less(a, b), ties); }),
          if_needed(args, 1, [&] { return taken(g, b, less(b, a), ties); })};
}

Gradients add_vjp(const VjpArgs& args) {
  return {if_needed(args, 0, [&] { return sum_to(args.grad(), args.in(0)); }),
          if_needed(args, 1, [&] { return sum_to(args.grad(), args.in(1)); })};
}

Gradients subtract_vjp(const VjpArgs& args) {
  return {if_needed(args, 0, [&] { return sum_to(args.grad(), args.in(0)); }),
          if_needed(args, 1, [&] { return -sum_to(args.grad(), args.in(1)); })};
}

Gradients multiply_vjp(const VjpArgs& args) {
  return {if_needed(args, 0, [&] { return sum_to(args.grad() * args.in(1), args.in(0)); }),
          if_needed(args, 1, [&] { return sum_to(args.grad() * args.in(0), args.in(1)); })};
}

Gradients divide_vjp(const VjpArgs& args) {
  const Tensor share = args.grad() / args.in(1);
  return {if_needed(args, 0, [&] { return sum_to(share, args.in(0)); }),
          if_needed(args, 1, [&] { return -sum_to(share * args.out(), args.in(1)); })};
}

// d a^b / da = b a^(b - 1), 0 where b is 0; d a^b / db = log(a) a^b, with log(0) taken as 0.
Gradients power_vjp(const VjpArgs& args) {
  const Tensor &g = args.grad(), &a = args.in(0), &b = args.in(1);
  return {if_needed(args, 0,
                    [&] {
                      const Tensor constant = equal(b, zero_of(b));
                      const Tensor lowered = apply(kPower, {a, where(constant, one_of(b), b - one_of(b))});
                      return sum_to(g * where(constant, zero_of(a), b * lowered), a);
                    }),
          if_needed(args, 1, [&] {
            const Tensor base = where(equal(a, zero_of(a)), one_of(a), a);
            return sum_to(g * (log(base) * args.out()), b);
          })};
}

constexpr OpDef binary(std::string_view name, std::vector<ValueType> (*infer)(std::span<const ValueType>, const Attrs&),
                       Gradients (*vjp)(const VjpArgs& args), bool selects = false) {
  return {.name = name, .infer = infer, .vjp = vjp, .elementwise = true, .selects = selects};
}

}  // namespace

const OpDef kAdd = binary("add", infer_binary<kAdd>, add_vjp);
const OpDef kSubtract = binary("subtract", infer_binary<kSubtract>, subtract_vjp);
const OpDef kMultiply = binary("multiply", infer_binary<kMultiply>, multiply_vjp);
const OpDef kDivide = binary("divide", infer_binary<kDivide>, divide_vjp);
const OpDef kPower = binary("power", infer_binary<kPower>, power_vjp);
const OpDef kMaximum = binary("maximum", infer_binary<kMaximum>, maximum_vjp, true);
const OpDef kMinimum = binary("minimum", infer_binary<kMinimum>, minimum_vjp, true);

Tensor add(const Operand& a, const Operand& b) { return apply_binary(kAdd, a, b, common_type(a, b)); }

Tensor subtract(const Operand& a, const Operand& b) {
  const DType dtype = common_type(a, b);
  require<ValueError>(dtype != DType::boolean, "subtract", "Expected numbers, received bool. Hint: cast to int32.");
  return apply_binary(kSubtract, a, b, dtype);
}

Tensor multiply(const Operand& a, const Operand& b) { return apply_binary(kMultiply, a, b, common_type(a, b)); }
Tensor divide(const Operand& a, const Operand& b) { return apply_binary(kDivide, a, b, floating(common_type(a, b))); }

Tensor power(const Operand& a, const Operand& b) {
  const DType dtype = common_type(a, b);
  require<ValueError>(dtype != DType::boolean, "power", "Expected numbers, received bool. Hint: cast to int32.");
  if (b.is_number() && b.number() == 2) return square(as_tensor(a, dtype));
  return apply_binary(kPower, a, b, dtype);
}

Tensor maximum(const Operand& a, const Operand& b) { return apply_binary(kMaximum, a, b, common_type(a, b)); }
Tensor minimum(const Operand& a, const Operand& b) { return apply_binary(kMinimum, a, b, common_type(a, b)); }

Tensor clip(const Tensor& x, const Operand& x_min, const Operand& x_max) { return minimum(maximum(x, x_min), x_max); }

}  // namespace kerata::ops
