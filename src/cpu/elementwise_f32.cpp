// The table of float32 elementwise functions.
#include "cpu/elementwise.h"

#include <unordered_map>

#include "cpu/loops.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

using Table = std::unordered_map<const OpDef*, ElementwiseFunction>;

template <class Op>
ElementwiseFunction unary(bool expensive = false) {
  ElementwiseFunction f;
  f.unary = loop_unary<Op, float, float>;
  f.expensive = expensive;
  return f;
}

template <class Op>
ElementwiseFunction angle() {
  ElementwiseFunction f;
  f.unary = loop_angle<Op>;
  f.expensive = true;
  return f;
}

template <class Op>
ElementwiseFunction binary() {
  ElementwiseFunction f;
  f.binary = loop_vv<Op, float, float>;
  f.binary_as = loop_vs<Op, float, float>;
  f.binary_sa = loop_sv<Op, float, float>;
  return f;
}

ElementwiseFunction power() {
  ElementwiseFunction f = binary<Power>();
  f.binary_as = loop_power_vs<float>;
  f.expensive = true;
  return f;
}

template <class A, class B>
void select(const float* condition, A a, B b, float* out, std::int64_t n) {
  auto at = [](auto operand, std::int64_t i) {
    if constexpr (std::is_pointer_v<decltype(operand)>)
      return operand[i];
    else
      return operand;
  };
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const float yes = at(a, i), no = at(b, i);
    out[i] = condition[i] != 0.0f ? yes : no;
  }
}

ElementwiseFunction where() {
  ElementwiseFunction f;
  f.ternary = select<const float*, const float*>;
  f.ternary_as = select<const float*, float>;
  f.ternary_sa = select<float, const float*>;
  f.ternary_ss = select<float, float>;
  return f;
}

Table make_table() {
  return {{&ops::kAdd, binary<Add>()},
          {&ops::kSubtract, binary<Subtract>()},
          {&ops::kMultiply, binary<Multiply>()},
          {&ops::kDivide, binary<Divide>()},
          {&ops::kMaximum, binary<Maximum>()},
          {&ops::kMinimum, binary<Minimum>()},
          {&ops::kPower, power()},
          {&ops::kEqual, binary<Equal>()},
          {&ops::kNotEqual, binary<NotEqual>()},
          {&ops::kLess, binary<Less>()},
          {&ops::kLessEqual, binary<LessEqual>()},
          {&ops::kGreater, binary<Greater>()},
          {&ops::kGreaterEqual, binary<GreaterEqual>()},
          {&ops::kLogicalAnd, binary<LogicalAnd>()},
          {&ops::kLogicalOr, binary<LogicalOr>()},
          {&ops::kNegative, unary<Negative>()},
          {&ops::kAbs, unary<Abs>()},
          {&ops::kSign, unary<Sign>()},
          {&ops::kSquare, unary<Square>()},
          {&ops::kRelu, unary<Relu>()},
          {&ops::kSqrt, unary<Sqrt>()},
          {&ops::kRsqrt, unary<Rsqrt>()},
          {&ops::kFloor, unary<Floor>()},
          {&ops::kCeil, unary<Ceil>()},
          {&ops::kRound, unary<Round>()},
          {&ops::kLogicalNot, unary<LogicalNot>()},
          {&ops::kIsfinite, unary<IsFinite>()},
          {&ops::kExp, unary<Exp>(true)},
          {&ops::kExpm1, unary<Expm1>(true)},
          {&ops::kLog, unary<Log>(true)},
          {&ops::kLog1p, unary<Log1p>(true)},
          {&ops::kTanh, unary<Tanh>(true)},
          {&ops::kSigmoid, unary<Sigmoid>(true)},
          {&ops::kSoftplus, unary<Softplus>(true)},
          {&ops::kErf, unary<Erf>(true)},
          {&ops::kSin, angle<Sin>()},
          {&ops::kCos, angle<Cos>()},
          {&ops::kTan, angle<Tan>()},
          {&ops::kWhere, where()}};
}

}  // namespace

const ElementwiseFunction* find_elementwise_f32(const OpDef& op) {
  static const Table table = make_table();
  const auto found = table.find(&op);
  return found == table.end() ? nullptr : &found->second;
}

void truth_f32(const float* a, float* out, std::int64_t n) { loop_unary<Truth, float, float>(a, out, n); }

void mask_to_f32(const bool* a, float* out, std::int64_t n) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(a);
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(bytes[i]);
}

void f32_to_mask(const float* a, bool* out, std::int64_t n) { loop_unary<Truth, float, bool>(a, out, n); }

}  // namespace kerata::cpu
