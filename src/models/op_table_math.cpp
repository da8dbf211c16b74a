// Elementwise ops, reductions, order and products.
#include "core/require.h"
#include "kerata/ops/control.h"
#include "kerata/ops/linalg.h"
#include "models/op_rows.h"
#include "ops/linalg_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::models {
namespace {

template <Tensor (*F)(const Tensor&, const ops::Reduce&)>
Tensors reduction(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  const Tensor y = F(x, {.axis = call.axes(), .keepdims = call.flag("keepdims", false)});
  return call.option("dtype") ? ops::cast(y, call.dtype("dtype", y.dtype())) : y;
}

template <Tensor (*F)(const Tensor&, const ops::Reduce&),
          Tensor (*WithInitial)(const Tensor&, const ops::Reduce&, double)>
Tensors extreme(const OpArguments& call) {
  if (!call.option("initial")) return reduction<F>(call);
  return WithInitial(call.tensor(0, "x"), {.axis = call.axes(), .keepdims = call.flag("keepdims", false)},
                     call.number("initial", 0));
}

template <Tensor (*F)(const Tensor&, Dim, bool)>
Tensors arg_extreme(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  const bool keepdims = call.flag("keepdims", false);
  if (call.option("axis")) return F(x, call.integer("axis", 0), keepdims);
  const Tensor y = F(flat_without_axis(call, x), 0, false);
  return keepdims ? ops::reshape(y, Shape(std::vector<Dim>(static_cast<std::size_t>(x.rank()), 1))) : y;
}

template <Tensor (*F)(const Tensor&, Dim)>
Tensors along_axis(const OpArguments& call) {
  return F(flat_without_axis(call, call.tensor(0, "x")), call.integer("axis", 0));
}

Tensors read_cumsum(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  const Tensor y = ops::cumsum(flat_without_axis(call, x), call.integer("axis", 0));
  return call.option("dtype") ? ops::cast(y, call.dtype("dtype", y.dtype())) : y;
}

Tensors read_clip(const OpArguments& call) {
  auto limit = [&](const char* name) {
    const Config* value = call.option(name);
    if (!value) call.refuse(join_text("Expected a number as `", name, "`."));
    return value->is_integer() ? Operand(value->as_integer()) : Operand(value->as_number());
  };
  return ops::clip(call.tensor(0, "x"), limit("x_min"), limit("x_max"));
}

Tensors read_round(const OpArguments& call) {
  const Dim decimals = call.integer("decimals", 0);
  if (decimals < -300 || decimals > 300)
    call.refuse(join_text("Expected -300 to 300 decimals, received ", decimals, "."));
  return ops::round(call.tensor(0, "x"), static_cast<int>(decimals));
}

Tensors read_where(const OpArguments& call) {
  return ops::where(call.tensor(0, "condition"), call.operand(1, "x1"), call.operand(2, "x2"));
}

Tensors read_cast(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  return ops::cast(x, call.dtype("dtype", x.dtype()));
}

template <int Value>
Tensors like(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  return apply(ops::kFullLike, {x}, ops::FullLikeAttrs{Value, call.dtype("dtype", x.dtype())});
}

Tensors read_full_like(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  const Operand value = call.operand(1, "fill_value");
  if (!value.is_number()) call.refuse("Expected a number as `fill_value`.");
  return apply(ops::kFullLike, {x}, ops::FullLikeAttrs{value.number(), call.dtype("dtype", x.dtype())});
}

template <Tensor (*F)(const Tensor&, const Tensor&)>
Tensors product(const OpArguments& call) {
  return F(call.tensor(0, "x1"), call.tensor(1, "x2"));
}

Tensors read_einsum(const OpArguments& call) {
  const Config* subscripts = call.option("subscripts");
  if (!subscripts) call.refuse("The config has no \"subscripts\".");
  std::vector<Tensor> operands;
  for (std::size_t i = 0; i < call.num_positional(); ++i) operands.push_back(call.tensor(i, "operands"));
  return ops::einsum(subscripts->as_text(), Tensors(std::move(operands)));
}

Tensors read_top_k(const OpArguments& call) { return ops::top_k(call.tensor(0, "x"), call.integer("k")); }

Tensors read_argsort(const OpArguments& call) {
  return ops::argsort(flat_without_axis(call, call.tensor(0, "x")), call.integer("axis", 0));
}

void write_reduction(OpWriting& writing) {
  const auto& p = writing.attrs<ops::ReduceAttrs>();
  writing.option("axis", axes_config(p.axes, writing.type().shape.rank()));
  writing.option("keepdims", p.keepdims);
}
void write_extreme(OpWriting& writing) {
  write_reduction(writing);
  writing.option("initial", nullptr);
}
void write_prod(OpWriting& writing) {
  write_reduction(writing);
  writing.option("dtype", nullptr);
}
void write_arg(OpWriting& writing) {
  write_axis(writing);
  writing.option("keepdims", false);
}
void write_cumsum(OpWriting& writing) {
  write_axis(writing);
  writing.option("dtype", nullptr);
}
void write_round(OpWriting& writing) { writing.option("decimals", 0); }
void write_cast(OpWriting& writing) {
  writing.option("dtype", std::string(to_string(writing.attrs<ops::CastAttrs>().dtype)));
}
void write_top_k(OpWriting& writing) {
  writing.option("k", writing.attrs<ops::TopKAttrs>().k);
  writing.option("sorted", true);
}
void write_like(OpWriting& writing) {
  const auto& p = writing.attrs<ops::FullLikeAttrs>();
  if (p.dtype == writing.type().dtype)
    writing.option("dtype", nullptr);
  else
    writing.option("dtype", std::string(to_string(p.dtype)));
}
void write_full_like(OpWriting& writing) {
  write_like(writing);
  writing.args.push_back(writing.attrs<ops::FullLikeAttrs>().value);
}

// The other forms come from gradients only.
void write_matmul(OpWriting& writing) {
  const auto& p = writing.attrs<ops::MatmulAttrs>();
  require<StateError>(!p.trans_a && !p.trans_b, "matmul",
                      "Keras's config cannot say that matmul transposes an operand.");
}

constexpr OpRow kRows[] = {
    {kNumpyModule, "Add", binary<ops::add>, &ops::kAdd},
    {kNumpyModule, "Subtract", binary<ops::subtract>, &ops::kSubtract},
    {kNumpyModule, "Multiply", binary<ops::multiply>, &ops::kMultiply},
    {kNumpyModule, "TrueDivide", binary<ops::divide>, &ops::kDivide},
    {kNumpyModule, "Divide", binary<ops::divide>},
    {kNumpyModule, "Power", binary<ops::power>, &ops::kPower},
    {kNumpyModule, "Maximum", binary<ops::maximum>, &ops::kMaximum},
    {kNumpyModule, "Minimum", binary<ops::minimum>, &ops::kMinimum},
    {kNumpyModule, "Equal", binary<ops::equal>, &ops::kEqual},
    {kNumpyModule, "NotEqual", binary<ops::not_equal>, &ops::kNotEqual},
    {kNumpyModule, "Less", binary<ops::less>, &ops::kLess},
    {kNumpyModule, "LessEqual", binary<ops::less_equal>, &ops::kLessEqual},
    {kNumpyModule, "Greater", binary<ops::greater>, &ops::kGreater},
    {kNumpyModule, "GreaterEqual", binary<ops::greater_equal>, &ops::kGreaterEqual},
    {kNumpyModule, "LogicalAnd", binary<ops::logical_and>, &ops::kLogicalAnd},
    {kNumpyModule, "LogicalOr", binary<ops::logical_or>, &ops::kLogicalOr},
    {kNumpyModule, "LogicalNot", unary<ops::logical_not>, &ops::kLogicalNot},
    {kNumpyModule, "Isfinite", unary<ops::isfinite>, &ops::kIsfinite},
    {kNumpyModule, "Where", read_where, &ops::kWhere},
    {kNumpyModule, "Negative", unary<ops::negative>, &ops::kNegative},
    {kNumpyModule, "Absolute", unary<ops::abs>, &ops::kAbs},
    {kNumpyModule, "Abs", unary<ops::abs>},
    {kNumpyModule, "Sign", unary<ops::sign>, &ops::kSign},
    {kNumpyModule, "Exp", unary<ops::exp>, &ops::kExp},
    {kNumpyModule, "Log", unary<ops::log>, &ops::kLog},
    {kNumpyModule, "Log1p", unary<ops::log1p>, &ops::kLog1p},
    {kNumpyModule, "Expm1", unary<ops::expm1>, &ops::kExpm1},
    {kNumpyModule, "Sqrt", unary<ops::sqrt>, &ops::kSqrt},
    {kMathModule, "Rsqrt", unary<ops::rsqrt>, &ops::kRsqrt},
    {kNumpyModule, "Square", unary<ops::square>, &ops::kSquare},
    {kNumpyModule, "Sin", unary<ops::sin>, &ops::kSin},
    {kNumpyModule, "Cos", unary<ops::cos>, &ops::kCos},
    {kNumpyModule, "Tan", unary<ops::tan>, &ops::kTan},
    {kNumpyModule, "Tanh", unary<ops::tanh>, &ops::kTanh},
    {kMathModule, "Erf", unary<ops::erf>, &ops::kErf},
    {kNumpyModule, "Floor", unary<ops::floor>, &ops::kFloor},
    {kNumpyModule, "Ceil", unary<ops::ceil>, &ops::kCeil},
    {kNumpyModule, "Round", read_round, &ops::kRound, write_round},
    {kNumpyModule, "Clip", read_clip},
    {kCoreModule, "Cast", read_cast, &ops::kCast, write_cast},
    {kNumpyModule, "Sum", reduction<ops::sum>, &ops::kSum, write_reduction},
    {kNumpyModule, "Mean", reduction<ops::mean>, &ops::kMean, write_reduction},
    {kNumpyModule, "Prod", reduction<ops::prod>, &ops::kProd, write_prod},
    {kNumpyModule, "Max", extreme<ops::max, ops::max>, &ops::kMax, write_extreme},
    {kNumpyModule, "Min", extreme<ops::min, ops::min>, &ops::kMin, write_extreme},
    {kNumpyModule, "Amax", extreme<ops::max, ops::max>},
    {kNumpyModule, "Amin", extreme<ops::min, ops::min>},
    {kNumpyModule, "Any", reduction<ops::any>, &ops::kAny, write_reduction},
    {kNumpyModule, "All", reduction<ops::all>, &ops::kAll, write_reduction},
    {kNumpyModule, "Var", reduction<ops::var>},
    {kNumpyModule, "Std", reduction<ops::std>},
    {kMathModule, "Logsumexp", reduction<ops::logsumexp>},
    {kNumpyModule, "Argmax", arg_extreme<ops::argmax>, &ops::kArgmax, write_arg},
    {kNumpyModule, "Argmin", arg_extreme<ops::argmin>, &ops::kArgmin, write_arg},
    {kNumpyModule, "Cumsum", read_cumsum, &ops::kCumsum, write_cumsum},
    {kNumpyModule, "Argsort", read_argsort, &ops::kArgsort, write_axis},
    {kNumpyModule, "Sort", along_axis<ops::sort>},
    {kMathModule, "TopK", read_top_k, &ops::kTopK, write_top_k},
    {kNumpyModule, "ZerosLike", like<0>, nullptr, write_like},
    {kNumpyModule, "OnesLike", like<1>, nullptr, write_like},
    {kNumpyModule, "FullLike", read_full_like, &ops::kFullLike, write_full_like},
    {kNumpyModule, "Matmul", product<ops::matmul>, &ops::kMatmul, write_matmul},
    {kNumpyModule, "Dot", product<ops::dot>},
    {kNumpyModule, "Einsum", read_einsum},
    {kCoreModule, "StopGradient", unary<ops::stop_gradient>, &ops::kStopGradient},
};

}  // namespace

std::span<const OpRow> math_op_rows() { return kRows; }

}  // namespace kerata::models
