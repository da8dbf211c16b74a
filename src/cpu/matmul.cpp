// Kernels of kMatmul and kMatmulUpdate.
#include <algorithm>
#include <memory>
#include <type_traits>

#include "backend/parallel.h"
#include "cpu/matmul_plan.h"
#include "cpu/register.h"
#include "ops/linalg_attrs.h"

namespace kerata::cpu {
namespace {

using ops::FusedActivation;

// Integers and truth values: y (m, n) = op(a) op(b), sums in the result's type (they wrap around).
template <class T, class R>
void plain_gemm(const GemmShape& s, const T* a, const T* b, R* c) {
  using Sum = std::conditional_t<std::is_same_v<R, bool>, bool, std::uint64_t>;
  for (Dim i = 0; i < s.m; ++i)
    for (Dim j = 0; j < s.n; ++j) {
      Sum total{};
      for (Dim k = 0; k < s.k; ++k) {
        const T x = s.trans_a ? a[k * s.lda + i] : a[i * s.lda + k];
        const T y = s.trans_b ? b[j * s.ldb + k] : b[k * s.ldb + j];
        if constexpr (std::is_same_v<R, bool>)
          total = total || (x && y);
        else
          total += static_cast<Sum>(x) * static_cast<Sum>(y);
      }
      c[i * s.ldc + j] = static_cast<R>(total);
    }
}

template <class T>
void multiply(const GemmShape& s, const T* a, const T* b, T* c, const T* bias, int activation) {
  if (!bias && activation == FusedActivation::none) return gemm(s, T(1), a, b, T(0), c);
  const Dim kept = Dim{1} << 21;  // bytes of a result that are still near when the bias is added
  const Dim parts = s.trans_a ? 1 : std::clamp<Dim>(s.m * s.n * static_cast<Dim>(sizeof(T)) / kept, 1, s.m / 64 + 1);
  for (Dim i = 0; i < parts; ++i) {
    const Dim row = s.m * i / parts;
    GemmShape part = s;
    part.m = s.m * (i + 1) / parts - row;
    T* to = c + row * s.ldc;
    gemm(part, T(1), a + row * s.lda, b, T(0), to);
    parallel_for(part.m, 16384 / (s.n + 1) + 1,
                 [&](Dim begin, Dim end) { finish_rows(to + begin * s.n, end - begin, s.n, bias, activation); });
  }
}

template <class T>
std::unique_ptr<Kernel> floating_kernel(MatmulPlan plan) {
  if (plan.batch == 1)
    return make_kernel([plan = std::move(plan)](const KernelArgs& args) {
      multiply(plan.shape, args.input<T>(0), args.input<T>(1), args.output<T>(0),
               plan.has_bias ? args.input<T>(2) : nullptr, plan.activation);
    });
  return make_kernel([plan = std::move(plan)](const KernelArgs& args) {
    const GemmShape& s = plan.shape;
    // Small products: one thread does several. Large ones: all threads do one.
    const Dim work = s.m * s.n * s.k, grain = work > (1 << 20) ? plan.batch : 32768 / (work + 1) + 1;
    parallel_for(plan.batch, grain, [&](Dim begin, Dim end) {
      for (Dim i = begin; i < end; ++i) {
        const auto [at_a, at_b] = plan.at(i);
        multiply(s, args.input<T>(0) + at_a, args.input<T>(1) + at_b, args.output<T>(0) + i * s.m * s.n,
                 plan.has_bias ? args.input<T>(2) : nullptr, plan.activation);
      }
    });
  });
}

template <class T, class R = T>
std::unique_ptr<Kernel> integer_kernel(MatmulPlan plan) {
  return make_kernel([plan = std::move(plan)](const KernelArgs& args) {
    const GemmShape& s = plan.shape;
    for (Dim i = 0; i < plan.batch; ++i) {
      const auto [at_a, at_b] = plan.at(i);
      plain_gemm<T, R>(s, args.input<T>(0) + at_a, args.input<T>(1) + at_b, args.output<R>(0) + i * s.m * s.n);
    }
  });
}

std::unique_ptr<Kernel> prepare_matmul(const KernelSpec& spec) {
  MatmulPlan plan = matmul_plan(spec);
  const DType dtype = spec.in[0].dtype;
  if (!is_floating(dtype) && (plan.has_bias || plan.activation != FusedActivation::none)) return nullptr;
  switch (dtype) {
    case DType::float32:
      return floating_kernel<float>(std::move(plan));
    case DType::float64:
      return floating_kernel<double>(std::move(plan));
    case DType::int8:
      return integer_kernel<std::int8_t, std::int32_t>(std::move(plan));
    case DType::int16:
      return integer_kernel<std::int16_t>(std::move(plan));
    case DType::int32:
      return integer_kernel<std::int32_t>(std::move(plan));
    case DType::int64:
      return integer_kernel<std::int64_t>(std::move(plan));
    case DType::uint8:
      return integer_kernel<std::uint8_t>(std::move(plan));
    case DType::boolean:
      return integer_kernel<bool>(std::move(plan));
    default:
      return nullptr;
  }
}

// w (k, n) -= rate * a (m, k)^T g (m, n)
template <class T>
std::unique_ptr<Kernel> update_kernel(const KernelSpec& spec) {
  const Shape &w = spec.in[0].shape, &a = spec.in[1].shape;
  return make_kernel([s = gemm_shape(true, false, w[0], w[1], a[0])](const KernelArgs& args) {
    const T rate = args.input<T>(3)[0];
    gemm(s, -rate, args.input<T>(1), args.input<T>(2), T(1), args.output<T>(0));
  });
}

std::unique_ptr<Kernel> prepare_update(const KernelSpec& spec) {
  const DType dtype = spec.in[0].dtype;
  for (const ValueType& in : spec.in)
    if (in.dtype != dtype) return nullptr;
  if (dtype == DType::float32) return update_kernel<float>(spec);
  return dtype == DType::float64 ? update_kernel<double>(spec) : nullptr;
}

}  // namespace

void register_linalg_kernels(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kMatmul, prepare_matmul);
  registry.add(KernelRegistry::Target::cpu, ops::kMatmulUpdate, prepare_update);
}

}  // namespace kerata::cpu
