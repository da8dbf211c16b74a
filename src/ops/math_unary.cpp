// Elementwise functions of one tensor.
#include <cmath>
#include <numbers>

#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::ops {
namespace {

using Gradients = std::vector<Tensor>;

constexpr OpDef unary(std::string_view name, Gradients (*vjp)(const VjpArgs& args), bool selects = false) {
  return {.name = name, .infer = infer_same, .vjp = vjp, .elementwise = true, .selects = selects};
}
constexpr OpDef step_like(std::string_view name) {
  return {.name = name, .infer = infer_same, .elementwise = true, .zero_gradient = true};
}

std::vector<ValueType> infer_cast_all(std::span<const ValueType> in, const Attrs& attrs) {
  std::vector<ValueType> out;
  for (const ValueType& type : in) out.push_back({attrs.as<CastAttrs>().dtype, type.shape});
  return out;
}

std::vector<ValueType> infer_cast(std::span<const ValueType> in, const Attrs& attrs) {
  return one(attrs.as<CastAttrs>().dtype, in[0].shape);
}

Gradients cast_vjp(const VjpArgs& args) {
  const DType from = args.in().dtype();
  if (!is_floating(from) || !is_floating(args.out().dtype())) return {Tensor()};
  return {cast_to(args.grad(), from)};
}

/// apply() in x's own type, with half types done in float32.
Tensor apply_same(const OpDef& op, const Tensor& x) {
  return is_half(x.dtype()) ? apply_floating(op, x) : apply(op, {x});
}

void require_number(const OpDef& op, const Tensor& x) {
  require<ValueError>(x.dtype() != DType::boolean, op.name, "Expected numbers, received bool. Hint: cast to int32.");
}

}  // namespace

const OpDef kNegative = unary(
    "negative", [](const VjpArgs& a) -> Gradients { return {-a.grad()}; }, true);
const OpDef kAbs = unary(
    "abs",
    [](const VjpArgs& a) -> Gradients {  // 1 at 0, as JAX
      return {where(greater_equal(a.in(), scalar(0, a.in().dtype())), a.grad(), -a.grad())};
    },
    true);
const OpDef kSign = step_like("sign");
const OpDef kExp = unary("exp", [](const VjpArgs& a) -> Gradients { return {a.grad() * a.out()}; });
const OpDef kLog = unary("log", [](const VjpArgs& a) -> Gradients { return {a.grad() / a.in()}; });
const OpDef kLog1p = unary("log1p", [](const VjpArgs& a) -> Gradients { return {a.grad() / (a.in() + 1)}; });
const OpDef kExpm1 = unary("expm1", [](const VjpArgs& a) -> Gradients { return {a.grad() * (a.out() + 1)}; });
const OpDef kSqrt = unary("sqrt", [](const VjpArgs& a) -> Gradients { return {a.grad() * 0.5 / a.out()}; });
const OpDef kRsqrt =
    unary("rsqrt", [](const VjpArgs& a) -> Gradients { return {a.grad() * (-0.5 * a.out() / a.in())}; });
const OpDef kSquare = unary("square", [](const VjpArgs& a) -> Gradients { return {a.grad() * (2 * a.in())}; });
const OpDef kSin = unary("sin", [](const VjpArgs& a) -> Gradients { return {a.grad() * cos(a.in())}; });
const OpDef kCos = unary("cos", [](const VjpArgs& a) -> Gradients { return {-(a.grad() * sin(a.in()))}; });
const OpDef kTan = unary("tan", [](const VjpArgs& a) -> Gradients { return {a.grad() * (square(a.out()) + 1)}; });
const OpDef kTanh = unary("tanh", [](const VjpArgs& a) -> Gradients { return {a.grad() * (1 - square(a.out()))}; });
const OpDef kSigmoid =
    unary("sigmoid", [](const VjpArgs& a) -> Gradients { return {a.grad() * (a.out() * (1 - a.out()))}; });
const OpDef kSoftplus = unary("softplus", [](const VjpArgs& a) -> Gradients { return {a.grad() * sigmoid(a.in())}; });
const OpDef kErf = unary("erf", [](const VjpArgs& a) -> Gradients {
  return {a.grad() * (2 * std::numbers::inv_sqrtpi * exp(-square(a.in())))};
});
const OpDef kFloor = step_like("floor");
const OpDef kCeil = step_like("ceil");
const OpDef kRound = step_like("round");
const OpDef kRelu = unary(
    "relu",
    [](const VjpArgs& a) -> Gradients {
      const Tensor zero = scalar(0, a.grad().dtype());
      return {where(greater(a.out(), zero), a.grad(), zero)};
    },
    true);
const OpDef kCastAll = {.name = "cast_all", .infer = infer_cast_all};
const OpDef kCast = {.name = "cast", .infer = infer_cast, .vjp = cast_vjp, .elementwise = true};

Tensor negative(const Tensor& x) { return require_number(kNegative, x), apply_same(kNegative, x); }
Tensor abs(const Tensor& x) { return x.dtype() == DType::boolean ? x : apply_same(kAbs, x); }
Tensor sign(const Tensor& x) { return require_number(kSign, x), apply_same(kSign, x); }
Tensor exp(const Tensor& x) { return apply_floating(kExp, x); }
Tensor log(const Tensor& x) { return apply_floating(kLog, x); }
Tensor log1p(const Tensor& x) { return apply_floating(kLog1p, x); }
Tensor expm1(const Tensor& x) { return apply_floating(kExpm1, x); }
Tensor sqrt(const Tensor& x) { return apply_floating(kSqrt, x); }
Tensor rsqrt(const Tensor& x) { return apply_floating(kRsqrt, x); }
Tensor square(const Tensor& x) { return apply_same(kSquare, x.dtype() == DType::boolean ? cast(x, DType::int32) : x); }
Tensor sin(const Tensor& x) { return apply_floating(kSin, x); }
Tensor cos(const Tensor& x) { return apply_floating(kCos, x); }
Tensor tan(const Tensor& x) { return apply_floating(kTan, x); }
Tensor tanh(const Tensor& x) { return apply_floating(kTanh, x); }
Tensor sigmoid(const Tensor& x) { return apply_floating(kSigmoid, x); }
Tensor softplus(const Tensor& x) { return apply_floating(kSoftplus, x); }
Tensor erf(const Tensor& x) { return apply_floating(kErf, x); }
Tensor floor(const Tensor& x) { return apply_floating(kFloor, x); }
Tensor ceil(const Tensor& x) { return apply_floating(kCeil, x); }
Tensor relu(const Tensor& x) { return apply_same(kRelu, x.dtype() == DType::boolean ? cast(x, DType::int32) : x); }

Tensor round(const Tensor& x, int decimals) {
  require_number(kRound, x);
  if (!is_floating(x.dtype()) && decimals >= 0) return x;
  if (decimals == 0) return apply_floating(kRound, x);
  const double factor = std::pow(10.0, std::abs(decimals));
  if (decimals > 0) return apply_floating(kRound, x * factor) / factor;
  return cast_to(apply_floating(kRound, x / factor) * factor, x.dtype());
}

Tensor cast(const Tensor& x, Choice<DType> dtype) {
  return x.dtype() == dtype.value() ? x : apply(kCast, {x}, CastAttrs{.dtype = dtype});
}

}  // namespace kerata::ops
