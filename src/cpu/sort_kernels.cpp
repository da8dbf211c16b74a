// Kernels of argsort and top_k. Equal elements keep their order; NaN counts as the largest.
#include <algorithm>
#include <concepts>
#include <numeric>

#include "backend/parallel.h"
#include "cpu/index_register.h"
#include "ops/axis_view.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::cpu {
namespace {

template <class T>
bool comes_before(T a, T b) {
  if constexpr (std::floating_point<T>)
    return a < b || (b != b && a == a);
  else
    return a < b;
}

/// order (size) = the indices that sort x (size elements, `stride` apart). No memory is allocated.
template <class T>
void sort_indices(const T* x, std::int64_t stride, std::int32_t* order, std::int64_t size) {
  std::iota(order, order + size, 0);
  std::sort(order, order + size, [=](std::int32_t i, std::int32_t j) {
    const T a = x[i * stride], b = x[j * stride];
    return comes_before(a, b) || (!comes_before(b, a) && i < j);
  });
}

/// x (outer, size, inner) -> int32 of the same shape.
template <class T>
std::unique_ptr<Kernel> make_argsort(const AxisView& v) {
  if (v.inner == 1) {
    return make_kernel([v](const KernelArgs& args) {
      parallel_for(v.outer, std::max<std::int64_t>(1, 4096 / std::max<std::int64_t>(1, v.size)),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t o = begin; o < end; ++o)
                       sort_indices(args.input<T>(0) + o * v.size, 1, args.output<std::int32_t>(0) + o * v.size,
                                    v.size);
                   });
    });
  }
  return make_kernel(
      [v](const KernelArgs& args) {
        auto* order = static_cast<std::int32_t*>(args.workspace);
        for (std::int64_t o = 0; o < v.outer; ++o)
          for (std::int64_t i = 0; i < v.inner; ++i) {
            const std::int64_t first = o * v.size * v.inner + i;
            sort_indices(args.input<T>(0) + first, v.inner, order, v.size);
            for (std::int64_t k = 0; k < v.size; ++k) args.output<std::int32_t>(0)[first + k * v.inner] = order[k];
          }
      },
      static_cast<std::size_t>(v.size) * sizeof(std::int32_t));
}

/// x (rows, size) -> values (rows, k), indices (rows, k), largest first.
template <class T>
std::unique_ptr<Kernel> make_top_k(std::int64_t rows, std::int64_t size, std::int64_t k) {
  return make_kernel(
      [=](const KernelArgs& args) {
        auto* order = static_cast<std::int32_t*>(args.workspace);
        for (std::int64_t row = 0; row < rows; ++row) {
          const T* x = args.input<T>(0) + row * size;
          std::iota(order, order + size, 0);
          std::partial_sort(order, order + k, order + size, [=](std::int32_t i, std::int32_t j) {
            return comes_before(x[j], x[i]) || (!comes_before(x[i], x[j]) && i < j);
          });
          for (std::int64_t i = 0; i < k; ++i) {
            args.output<T>(0)[row * k + i] = x[order[i]];
            args.output<std::int32_t>(1)[row * k + i] = order[i];
          }
        }
      },
      static_cast<std::size_t>(size) * sizeof(std::int32_t));
}

std::unique_ptr<Kernel> prepare_argsort(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::AxisAttrs>().axis);
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T>)
      return nullptr;
    else
      return make_argsort<T>(v);
  });
}

std::unique_ptr<Kernel> prepare_top_k(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, spec.in[0].shape.rank() - 1);
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T>)
      return nullptr;
    else
      return make_top_k<T>(v.outer, v.size, spec.attrs.as<ops::TopKAttrs>().k);
  });
}

}  // namespace

void register_sort_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kArgsort, prepare_argsort);
  registry.add(kCpu, ops::kTopK, prepare_top_k);
}

}  // namespace kerata::cpu
