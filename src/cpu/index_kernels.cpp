// Kernels that read and add by index. x (outer, size, inner), indices (count); an index i < 0 means size + i.
#include <algorithm>
#include <cstring>

#include "backend/parallel.h"
#include "cpu/functors.h"
#include "cpu/index_register.h"
#include "cpu/register.h"
#include "ops/axis_view.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/optimizer_ops.h"
#include "ops/shape_attrs.h"

namespace kerata::cpu {
namespace {

constexpr std::int64_t kGrain = 32768;  // elements that a thread should at least have

std::int64_t grain_of(std::int64_t elements_each) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, elements_each));
}

/// The row that an index means, or -1 after a report when there is none.
template <class I>
std::int64_t row_of(I index, std::int64_t size, KernelStatus* status) {
  const std::int64_t row = index < 0 ? index + size : index;
  if (row >= 0 && row < size) [[likely]]
    return row;
  status->report(KernelStatus::index_out_of_range, index, size);
  return -1;
}

/// Indices are int32 or int64.
template <class F>
std::unique_ptr<Kernel> with_index_type(DType dtype, const F& f) {
  return dtype == DType::int64 ? f.template operator()<std::int64_t>() : f.template operator()<std::int32_t>();
}

Dim axis_of(const KernelSpec& spec) { return spec.attrs.as<ops::AxisAttrs>().axis; }

/// out (outer, count, inner) = x[:, indices, :].
template <class T, class I>
std::unique_ptr<Kernel> make_take(const AxisView& v, std::int64_t count) {
  return make_kernel([v, count](const KernelArgs& args) {
    const T* x = args.input<T>(0);
    const I* indices = args.input<I>(1);
    T* out = args.output<T>(0);
    parallel_for(v.outer * count, grain_of(v.inner), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t row = row_of(indices[i % count], v.size, args.status);
        if (row < 0)
          std::fill_n(out + i * v.inner, v.inner, T{});
        else if (v.inner == 1)
          out[i] = x[i / count * v.size + row];
        else
          std::memcpy(out + i * v.inner, x + (i / count * v.size + row) * v.inner,
                      static_cast<std::size_t>(v.inner) * sizeof(T));
      }
    });
  });
}

std::unique_ptr<Kernel> prepare_take(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, axis_of(spec));
  const std::int64_t count = spec.in[1].shape.size();
  if (spec.out[0].shape.size() == 0) return make_kernel([](const KernelArgs&) {});
  return with_index_type(spec.in[1].dtype, [&]<class I>() {
    switch (size_of(spec.in[0].dtype)) {
      case 1:
        return make_take<std::uint8_t, I>(v, count);
      case 2:
        return make_take<std::uint16_t, I>(v, count);
      case 4:
        return make_take<std::uint32_t, I>(v, count);
      default:
        return make_take<std::uint64_t, I>(v, count);
    }
  });
}

template <class T>
void add_row(const T* from, T* to, std::int64_t n) {
  const Add add;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] = add(to[i], from[i]);
}

/// out (outer, size, inner) = initial, or zeros; then out[:, indices, :] += updates (outer, count, inner). Each thread
/// owns a range of rows and goes through all indices in order: equal results for any number of threads.
template <class T, class I>
void add_rows(const AxisView& v, std::int64_t count, const T* initial, const I* indices, const T* updates, T* out,
              KernelStatus* status) {
  const std::int64_t work = v.inner * (1 + count / v.size);  // per row
  for (std::int64_t o = 0; o < v.outer; ++o, out += v.size * v.inner, updates += count * v.inner) {
    const T* start = initial ? initial + o * v.size * v.inner : nullptr;
    parallel_for(v.size, grain_of(work), [&](std::int64_t begin, std::int64_t end) {
      if (start)
        std::copy(start + begin * v.inner, start + end * v.inner, out + begin * v.inner);
      else
        std::fill(out + begin * v.inner, out + end * v.inner, T(0));
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t row = row_of(indices[i], v.size, status);
        if (row >= begin && row < end) add_row(updates + i * v.inner, out + row * v.inner, v.inner);
      }
    });
  }
}

template <class F>
std::unique_ptr<Kernel> with_types(const KernelSpec& spec, const F& f) {
  return dispatch_any(spec.out[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T> || std::same_as<T, bool>)
      return nullptr;
    else
      return with_index_type(spec.in[1].dtype, [&]<class I>() { return f.template operator()<T, I>(); });
  });
}

std::unique_ptr<Kernel> prepare_take_grad(const KernelSpec& spec) {
  const AxisView v = view_of(spec.out[0].shape, axis_of(spec));
  const std::int64_t count = spec.in[1].shape.size();
  if (spec.out[0].shape.size() == 0) return make_kernel([](const KernelArgs&) {});
  return with_types(spec, [&]<class T, class I>() {
    return make_kernel([v, count](const KernelArgs& args) {
      add_rows<T, I>(v, count, nullptr, args.input<I>(1), args.input<T>(2), args.output<T>(0), args.status);
    });
  });
}

/// sums, places as kRowGradient has them; each thread owns a range of rows of `sums`, as in add_rows.
template <class T, class I>
void sum_rows(std::int64_t size, std::int64_t count, std::int64_t inner, const KernelArgs& args) {
  const I* indices = args.input<I>(1);
  const T* updates = args.input<T>(2);
  T* sums = args.output<T>(0);
  auto* places = args.output<std::int32_t>(1);
  std::fill_n(places, size, -1);
  std::int32_t distinct = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t row = row_of(indices[i], size, args.status);
    if (row >= 0 && places[row] < 0) places[row] = distinct++;
  }
  parallel_for(distinct, grain_of(inner * (1 + count / (distinct + 1))), [&](std::int64_t begin, std::int64_t end) {
    std::fill(sums + begin * inner, sums + end * inner, T(0));
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t row = indices[i] < 0 ? indices[i] + size : indices[i];
      if (row < 0 || row >= size || places[row] < begin || places[row] >= end) continue;
      add_row(updates + i * inner, sums + places[row] * inner, inner);
    }
  });
}

std::unique_ptr<Kernel> prepare_row_gradient(const KernelSpec& spec) {
  const Shape& like = spec.in[0].shape;
  const std::int64_t size = like[0], inner = like.from(1).size(), count = spec.in[1].shape.size();
  return with_types(spec, [&]<class T, class I>() {
    return make_kernel([=](const KernelArgs& args) { sum_rows<T, I>(size, count, inner, args); });
  });
}

std::unique_ptr<Kernel> prepare_scatter_add(const KernelSpec& spec) {
  const AxisView v = view_of(spec.out[0].shape, 0);
  const std::int64_t count = spec.in[1].shape.size();
  if (spec.out[0].shape.size() == 0) return make_kernel([](const KernelArgs&) {});
  return with_types(spec, [&]<class T, class I>() {
    return make_kernel([v, count](const KernelArgs& args) {
      add_rows<T, I>(v, count, args.input<T>(0), args.input<I>(1), args.input<T>(2), args.output<T>(0), args.status);
    });
  });
}

/// out (outer, count, inner): out[o, k, i] = x[o, indices[o, k, i], i].
template <class T, class I>
std::unique_ptr<Kernel> make_take_along(const AxisView& v, std::int64_t count) {
  return make_kernel([v, count](const KernelArgs& args) {
    parallel_for(v.outer, grain_of(count * v.inner), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * count * v.inner; i < end * count * v.inner; ++i) {
        const std::int64_t row = row_of(args.input<I>(1)[i], v.size, args.status);
        const std::int64_t o = i / (count * v.inner);
        args.output<T>(0)[i] = row < 0 ? T{} : args.input<T>(0)[(o * v.size + row) * v.inner + i % v.inner];
      }
    });
  });
}

std::unique_ptr<Kernel> prepare_take_along(const KernelSpec& spec) {
  const AxisView v = view_of(spec.in[0].shape, axis_of(spec));
  const std::int64_t count = spec.in[1].shape[axis_of(spec)];
  if (spec.out[0].shape.size() == 0) return make_kernel([](const KernelArgs&) {});
  return with_index_type(spec.in[1].dtype, [&]<class I>() {
    switch (size_of(spec.in[0].dtype)) {
      case 1:
        return make_take_along<std::uint8_t, I>(v, count);
      case 2:
        return make_take_along<std::uint16_t, I>(v, count);
      case 4:
        return make_take_along<std::uint32_t, I>(v, count);
      default:
        return make_take_along<std::uint64_t, I>(v, count);
    }
  });
}

/// out (outer, size, inner) = 0; out[o, indices[o, k, i], i] += updates[o, k, i].
std::unique_ptr<Kernel> prepare_take_along_grad(const KernelSpec& spec) {
  const AxisView v = view_of(spec.out[0].shape, axis_of(spec));
  const std::int64_t count = spec.in[1].shape[axis_of(spec)];
  return with_types(spec, [&]<class T, class I>() {
    return make_kernel([v, count](const KernelArgs& args) {
      parallel_for(v.outer, grain_of((count + v.size) * v.inner), [&](std::int64_t begin, std::int64_t end) {
        T* out = args.output<T>(0);
        std::fill(out + begin * v.size * v.inner, out + end * v.size * v.inner, T(0));
        for (std::int64_t i = begin * count * v.inner; i < end * count * v.inner; ++i) {
          const std::int64_t row = row_of(args.input<I>(1)[i], v.size, args.status), o = i / (count * v.inner);
          if (row < 0) continue;
          T& target = out[(o * v.size + row) * v.inner + i % v.inner];
          target = Add()(target, args.input<T>(2)[i]);
        }
      });
    });
  });
}

/// labels (outer, inner) -> out (outer, num_classes, inner).
std::unique_ptr<Kernel> prepare_one_hot(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::OneHotAttrs>();
  const AxisView v = view_of(spec.out[0].shape, p.axis);
  return dispatch_any(p.dtype, [&]<class T>() {
    return with_index_type(spec.in[0].dtype, [&]<class I>() {
      return make_kernel([v](const KernelArgs& args) {
        T* out = args.output<T>(0);
        std::fill_n(out, v.outer * v.size * v.inner, convert_one<T>(0.0f));
        const I* labels = args.input<I>(0);
        for (std::int64_t i = 0; i < v.outer * v.inner; ++i)
          if (labels[i] >= 0 && labels[i] < v.size)
            out[(i / v.inner * v.size + labels[i]) * v.inner + i % v.inner] = convert_one<T>(1.0f);
      });
    });
  });
}

}  // namespace

void register_index_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kTake, prepare_take);
  registry.add(kCpu, ops::kTakeGrad, prepare_take_grad);
  registry.add(kCpu, ops::kRowGradient, prepare_row_gradient);
  registry.add(kCpu, ops::kTakeAlongAxis, prepare_take_along);
  registry.add(kCpu, ops::kTakeAlongAxisGrad, prepare_take_along_grad);
  registry.add(kCpu, ops::kScatterAdd, prepare_scatter_add);
  registry.add(kCpu, ops::kOneHot, prepare_one_hot);
  register_sort_kernels(registry);
}

}  // namespace kerata::cpu
