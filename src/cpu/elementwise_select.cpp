// Kernels of where, cast and full.
#include <algorithm>

#include "cpu/elementwise_kernel.h"
#include "cpu/elementwise_register.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

/// One row of out = condition ? a : b on elements of the size of T; `Moves` says which operands are contiguous.
template <class T, bool AMoves, bool BMoves>
void where_row(const bool* condition, const T* a, const T* b, T* out, std::int64_t n) {
  const auto* truth = reinterpret_cast<const unsigned char*>(condition);
  const T a0 = *a, b0 = *b;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const T yes = AMoves ? a[i] : a0, no = BMoves ? b[i] : b0;
    const T mask = static_cast<T>(T(0) - static_cast<T>(truth[i]));  // all bits of a true condition
    out[i] = static_cast<T>((yes & mask) | (no & static_cast<T>(~mask)));
  }
}

template <class T>
using WhereRow = void (*)(const bool*, const T*, const T*, T*, std::int64_t);

template <class T>
WhereRow<T> choose_where(const BroadcastPlan& plan) {
  if (!plan.moves[0]) {  // one condition for the row
    return plan.moves[1] && plan.moves[2] ? WhereRow<T>([](const bool* c, const T* a, const T* b, T* out,
                                                           std::int64_t n) { std::copy_n(*c ? a : b, n, out); })
           : plan.moves[1] ? WhereRow<T>([](const bool* c, const T* a, const T* b, T* out, std::int64_t n) {
               if (*c)
                 std::copy_n(a, n, out);
               else
                 std::fill_n(out, n, *b);
             })
                           : WhereRow<T>([](const bool* c, const T* a, const T* b, T* out, std::int64_t n) {
                               if (*c)
                                 std::fill_n(out, n, *a);
                               else
                                 std::copy_n(b, n, out);
                             });
  }
  if (plan.moves[1]) return plan.moves[2] ? where_row<T, true, true> : where_row<T, true, false>;
  return plan.moves[2] ? where_row<T, false, true> : where_row<T, false, false>;
}

template <class T>
std::unique_ptr<Kernel> make_where(const KernelSpec& spec) {
  BroadcastPlan plan = plan_broadcast(spec.out[0].shape, spec.in);
  const WhereRow<T> run = choose_where<T>(plan);
  if (plan.rows == 1) {
    const std::array<std::int64_t, 3> step = {plan.moves[0], plan.moves[1], plan.moves[2]};
    return make_kernel([=, n = plan.inner](const KernelArgs& args) {
      for_blocks(n, kCheapGrain, [&](std::int64_t begin, std::int64_t end) {
        run(args.input<bool>(0) + begin * step[0], args.input<T>(1) + begin * step[1],
            args.input<T>(2) + begin * step[2], args.output<T>(0) + begin, end - begin);
      });
    });
  }
  const std::int64_t grain = plan.rows * plan.inner < 2 * kCheapGrain
                                 ? std::max<std::int64_t>(1, plan.rows)
                                 : std::max<std::int64_t>(1, kCheapGrain / plan.inner);
  return make_kernel([=, plan = std::move(plan)](const KernelArgs& args) {
    parallel_for(plan.rows, grain, [&](std::int64_t begin, std::int64_t end) {
      for_rows(plan, begin, end, [&](std::int64_t row, const std::array<std::int64_t, 3>& at) {
        run(args.input<bool>(0) + at[0], args.input<T>(1) + at[1], args.input<T>(2) + at[2],
            args.output<T>(0) + row * plan.inner, plan.inner);
      });
    });
  });
}

std::unique_ptr<Kernel> prepare_where(const KernelSpec& spec) {
  switch (size_of(spec.out[0].dtype)) {
    case 1:
      return make_where<std::uint8_t>(spec);
    case 2:
      return make_where<std::uint16_t>(spec);
    case 4:
      return make_where<std::uint32_t>(spec);
    default:
      return make_where<std::uint64_t>(spec);
  }
}

std::unique_ptr<Kernel> prepare_cast(const KernelSpec& spec) {
  const UnaryRun run = dispatch_any(spec.in[0].dtype, [&]<class From>() {
    return dispatch_any(spec.out[0].dtype, []<class To>() -> UnaryRun {
      return [](const void* a, void* out, std::int64_t n) {
        const From* from = static_cast<const From*>(a);
        To* to = static_cast<To*>(out);
        for (std::int64_t i = 0; i < n; ++i) to[i] = convert_one<To>(from[i]);
      };
    });
  });
  return make_unary(spec, run, kCheapGrain);
}

std::unique_ptr<Kernel> make_fill(const KernelSpec& spec, double value, DType dtype) {
  const std::int64_t n = spec.out[0].shape.size();
  return dispatch_any(dtype, [&]<class T>() {
    const T element = convert_one<T>(value);
    return make_kernel([=](const KernelArgs& args) { std::fill_n(args.output<T>(0), n, element); });
  });
}

std::unique_ptr<Kernel> prepare_full(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::FullAttrs>();
  return make_fill(spec, p.value, p.dtype);
}

std::unique_ptr<Kernel> prepare_full_like(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::FullLikeAttrs>();
  return make_fill(spec, p.value, p.dtype);
}

}  // namespace

void register_select_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kWhere, prepare_where);
  registry.add(kCpu, ops::kCast, prepare_cast);
  registry.add(kCpu, ops::kFull, prepare_full);
  registry.add(kCpu, ops::kFullLike, prepare_full_like);
}

}  // namespace kerata::cpu
