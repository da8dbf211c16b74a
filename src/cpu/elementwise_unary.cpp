// Kernels of one-operand ops: out[i] = op(a[i]).
#include "cpu/elementwise_kernel.h"
#include "cpu/elementwise_register.h"
#include "cpu/register.h"
#include "ops/dispatch.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

template <class Op>
std::unique_ptr<Kernel> prepare_number(const KernelSpec& spec) {
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T> || std::same_as<T, bool>)
      return nullptr;
    else
      return make_unary(spec, unary_run<Op, T, T>(), kCheapGrain);
  });
}

template <class Op>
std::unique_ptr<Kernel> prepare_floating(const KernelSpec& spec) {
  if (spec.in[0].dtype == DType::float32) return make_unary(spec, unary_run<Op, float, float>(), kExpensiveGrain);
  if (spec.in[0].dtype == DType::float64) return make_unary(spec, unary_run<Op, double, double>(), kExpensiveGrain);
  return nullptr;
}

std::unique_ptr<Kernel> prepare_not(const KernelSpec& spec) {
  return make_unary(spec, unary_run<LogicalNot, bool, bool>(), kCheapGrain);
}

std::unique_ptr<Kernel> prepare_isfinite(const KernelSpec& spec) {
  if (spec.in[0].dtype == DType::float32) return make_unary(spec, unary_run<IsFinite, float, bool>(), kCheapGrain);
  if (spec.in[0].dtype == DType::float64) return make_unary(spec, unary_run<IsFinite, double, bool>(), kCheapGrain);
  return nullptr;
}

}  // namespace

void register_unary_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kNegative, prepare_number<Negative>);
  registry.add(kCpu, ops::kAbs, prepare_number<Abs>);
  registry.add(kCpu, ops::kSign, prepare_number<Sign>);
  registry.add(kCpu, ops::kSquare, prepare_number<Square>);
  registry.add(kCpu, ops::kRelu, prepare_number<Relu>);
  registry.add(kCpu, ops::kExp, prepare_floating<Exp>);
  registry.add(kCpu, ops::kExpm1, prepare_floating<Expm1>);
  registry.add(kCpu, ops::kLog, prepare_floating<Log>);
  registry.add(kCpu, ops::kLog1p, prepare_floating<Log1p>);
  registry.add(kCpu, ops::kSqrt, prepare_floating<Sqrt>);
  registry.add(kCpu, ops::kRsqrt, prepare_floating<Rsqrt>);
  registry.add(kCpu, ops::kSin, prepare_floating<Sin>);
  registry.add(kCpu, ops::kCos, prepare_floating<Cos>);
  registry.add(kCpu, ops::kTan, prepare_floating<Tan>);
  registry.add(kCpu, ops::kTanh, prepare_floating<Tanh>);
  registry.add(kCpu, ops::kSigmoid, prepare_floating<Sigmoid>);
  registry.add(kCpu, ops::kSoftplus, prepare_floating<Softplus>);
  registry.add(kCpu, ops::kErf, prepare_floating<Erf>);
  registry.add(kCpu, ops::kFloor, prepare_floating<Floor>);
  registry.add(kCpu, ops::kCeil, prepare_floating<Ceil>);
  registry.add(kCpu, ops::kRound, prepare_floating<Round>);
  registry.add(kCpu, ops::kLogicalNot, prepare_not);
  registry.add(kCpu, ops::kIsfinite, prepare_isfinite);
}

void register_elementwise_kernels(KernelRegistry& registry) {
  register_binary_kernels(registry);
  register_unary_kernels(registry);
  register_select_kernels(registry);
}

}  // namespace kerata::cpu
