// Kernels of two-operand ops: out[i] = op(a[i], b[i]), broadcast, row-major.
#include "cpu/elementwise_kernel.h"
#include "cpu/elementwise_register.h"
#include "ops/dispatch.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

template <class Op>
std::unique_ptr<Kernel> prepare_number(const KernelSpec& spec) {
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T> || !std::is_invocable_v<Op, T, T>)
      return nullptr;
    else
      return make_binary(spec, binary_runs<Op, T, T>(), kCheapGrain);
  });
}

template <class Op>
std::unique_ptr<Kernel> prepare_floating(const KernelSpec& spec) {
  if (spec.in[0].dtype == DType::float32) return make_binary(spec, binary_runs<Op, float, float>(), kCheapGrain);
  if (spec.in[0].dtype == DType::float64) return make_binary(spec, binary_runs<Op, double, double>(), kCheapGrain);
  return nullptr;
}

std::unique_ptr<Kernel> prepare_power(const KernelSpec& spec) {
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T> || std::same_as<T, bool>)
      return nullptr;
    else
      return make_binary(spec, binary_runs<Power, T, T>(), kExpensiveGrain);
  });
}

template <class Op>
std::unique_ptr<Kernel> prepare_compare(const KernelSpec& spec) {
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T>)
      return nullptr;
    else
      return make_binary(spec, binary_runs<Op, T, bool>(), kCheapGrain);
  });
}

template <class Op>
std::unique_ptr<Kernel> prepare_logical(const KernelSpec& spec) {
  return make_binary(spec, binary_runs<Op, bool, bool>(), kCheapGrain);
}

}  // namespace

void register_binary_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kAdd, prepare_number<Add>);
  registry.add(kCpu, ops::kSubtract, prepare_number<Subtract>);
  registry.add(kCpu, ops::kMultiply, prepare_number<Multiply>);
  registry.add(kCpu, ops::kDivide, prepare_floating<Divide>);
  registry.add(kCpu, ops::kPower, prepare_power);
  registry.add(kCpu, ops::kMaximum, prepare_number<Maximum>);
  registry.add(kCpu, ops::kMinimum, prepare_number<Minimum>);
  registry.add(kCpu, ops::kEqual, prepare_compare<Equal>);
  registry.add(kCpu, ops::kNotEqual, prepare_compare<NotEqual>);
  registry.add(kCpu, ops::kLess, prepare_compare<Less>);
  registry.add(kCpu, ops::kLessEqual, prepare_compare<LessEqual>);
  registry.add(kCpu, ops::kGreater, prepare_compare<Greater>);
  registry.add(kCpu, ops::kGreaterEqual, prepare_compare<GreaterEqual>);
  registry.add(kCpu, ops::kLogicalAnd, prepare_logical<LogicalAnd>);
  registry.add(kCpu, ops::kLogicalOr, prepare_logical<LogicalOr>);
}

}  // namespace kerata::cpu
