// Kernels of argmax, argmin and cumsum: x (outer, size, inner).
#include "backend/parallel.h"
#include "cpu/reduce_loops.h"
#include "cpu/reduce_register.h"
#include "ops/axis_view.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

/// Whether `a` comes before `b` as the extreme; NaN comes first, as in NumPy.
template <class Compare, class T>
bool wins(T a, T b) {
  if constexpr (std::floating_point<T>)
    return Compare()(a, b) || (a != a && b == b);
  else
    return Compare()(a, b);
}

/// x (n) -> index of the first extreme.
template <class Compare, class T>
std::int32_t arg_row(const T* x, std::int64_t n) {
  std::int32_t best = 0;
  T extreme = x[0];
  for (std::int64_t i = 1; i < n; ++i) {
    const T value = x[i];
    const bool better = wins<Compare>(value, extreme);
    extreme = better ? value : extreme;
    best = better ? static_cast<std::int32_t>(i) : best;
  }
  return best;
}

/// x (size, inner) -> out (inner); best (inner) is scratch.
template <class Compare, class T>
void arg_columns(const T* x, std::int32_t* out, T* best, const AxisView& v) {
  std::copy_n(x, v.inner, best);
  std::fill_n(out, v.inner, 0);
  for (std::int64_t row = 1; row < v.size; ++row) {
    const T* values = x + row * v.inner;
    for (std::int64_t j = 0; j < v.inner; ++j) {
      const bool better = wins<Compare>(values[j], best[j]);
      best[j] = better ? values[j] : best[j];
      out[j] = better ? static_cast<std::int32_t>(row) : out[j];
    }
  }
}

template <class Compare>
std::unique_ptr<Kernel> prepare_arg(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::AxisAttrs>().axis);
  const std::int64_t grain = std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(1, v.size * v.inner));
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T>)
      return nullptr;
    else
      return make_kernel(
          [v, grain](const KernelArgs& args) {
            const T* x = args.input<T>(0);
            std::int32_t* out = args.output<std::int32_t>(0);
            T* best = static_cast<T*>(args.workspace);
            parallel_for(v.outer, grain, [&](std::int64_t begin, std::int64_t end) {
              for (std::int64_t o = begin; o < end; ++o) {
                if (v.inner == 1)
                  out[o] = arg_row<Compare>(x + o * v.size, v.size);
                else
                  arg_columns<Compare>(x + o * v.size * v.inner, out + o * v.inner, best + o * v.inner, v);
              }
            });
          },
          v.inner == 1 ? 0 : static_cast<std::size_t>(v.outer * v.inner) * sizeof(T));
  });
}

/// out[k] = x[0] + ... + x[k] along the axis.
std::unique_ptr<Kernel> prepare_cumsum(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::AxisAttrs>().axis);
  if (v.outer * v.size * v.inner == 0) return make_kernel([](const KernelArgs&) {});
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T> || std::same_as<T, bool>)
      return nullptr;
    else
      return make_kernel([v](const KernelArgs& args) {
        parallel_for(v.outer, std::max<std::int64_t>(1, 16384 / (v.size * v.inner)),
                     [&](std::int64_t begin, std::int64_t end) {
                       for (std::int64_t o = begin; o < end; ++o) {
                         const T* x = args.input<T>(0) + o * v.size * v.inner;
                         T* out = args.output<T>(0) + o * v.size * v.inner;
                         std::copy_n(x, v.inner, out);
                         for (std::int64_t i = v.inner; i < v.size * v.inner; ++i)
                           out[i] = Add()(out[i - v.inner], x[i]);
                       }
                     });
      });
  });
}

}  // namespace

void register_scan_reductions(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kArgmax, prepare_arg<Greater>);
  registry.add(kCpu, ops::kArgmin, prepare_arg<Less>);
  registry.add(kCpu, ops::kCumsum, prepare_cumsum);
}

}  // namespace kerata::cpu
