// Kernels of sum, mean, prod, max, min, any, all, sum_to.
#include "backend/parallel.h"
#include "cpu/reduce_loops.h"
#include "cpu/reduce_plan.h"
#include "cpu/reduce_register.h"
#include "cpu/register.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::cpu {
namespace {

constexpr std::int64_t kGrain = 32768;      // elements read by a thread
constexpr std::int64_t kColumnTile = 2048;  // columns whose sums stay in the L1 cache

std::int64_t grain_of(std::int64_t elements_each) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, elements_each));
}

/// x (outer, count) -> out (outer).
template <class Op, class T>
void run_rows(const ReduceStage& s, const T* x, T* out, T* partials) {
  if (s.blocks == 1) {
    parallel_for(s.outer, grain_of(s.count), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) out[i] = reduce_row<Op, T>(x + i * s.count, s.count);
    });
    return;
  }
  parallel_for(s.blocks, grain_of(s.block), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b)
      partials[b] = reduce_row<Op, T>(x + b * s.block, std::min(s.block, s.count - b * s.block));
  });
  out[0] = reduce_row<Op, T>(partials, s.blocks);
}

/// x (outer, count, inner) -> out (outer, inner).
template <class Op, class T>
void run_columns(const ReduceStage& s, const T* x, T* out, T* partials) {
  const std::int64_t tiles = (s.inner + kColumnTile - 1) / kColumnTile;
  T* target = s.blocks == 1 ? out : partials;
  parallel_for(s.outer * s.blocks * tiles, grain_of(s.block * std::min(s.inner, kColumnTile)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t task = begin; task < end; ++task) {
                   const std::int64_t tile = task % tiles, b = task / tiles % s.blocks, o = task / tiles / s.blocks;
                   const std::int64_t column = tile * kColumnTile, row = b * s.block;
                   reduce_columns<Op, T>(
                       x + (o * s.count + row) * s.inner + column, target + (o * s.blocks + b) * s.inner + column,
                       std::min(s.block, s.count - row), std::min(kColumnTile, s.inner - column), s.inner);
                 }
               });
  if (s.blocks == 1) return;
  for (std::int64_t o = 0; o < s.outer; ++o)
    reduce_columns<Op, T>(partials + o * s.blocks * s.inner, out + o * s.inner, s.blocks, s.inner, s.inner);
}

template <class Op, class T>
void run_stage(const ReduceStage& s, const T* x, T* out, T* partials) {
  if (s.inner == 1)
    run_rows<Op, T>(s, x, out, partials);
  else
    run_columns<Op, T>(s, x, out, partials);
}

/// Two buffers take turns between the stages.
template <class Op, class T>
void run_plan(const ReducePlan& plan, const T* x, T* out, T* workspace) {
  T *buffers[2] = {workspace, workspace + plan.between}, *partials = workspace + 2 * plan.between;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    T* target = i + 1 == plan.stages.size() ? out : buffers[i % 2];
    run_stage<Op, T>(plan.stages[i], x, target, partials);
    x = target;
  }
}

template <class Op, class T>
std::unique_ptr<Kernel> make_reduction(const Shape& x, const std::vector<Dim>& axes, bool mean,
                                       T empty = initial_value<Op, T>()) {
  ReducePlan plan = plan_reduction(x, axes);
  const std::int64_t n = plan.out_size;
  if (plan.stages.empty()) {
    const bool nothing = plan.reduced == 0;
    const T value = mean ? std::numeric_limits<T>::quiet_NaN() : empty;
    return make_kernel([=](const KernelArgs& args) {
      if (nothing)
        std::fill_n(args.output<T>(0), n, value);
      else
        std::copy_n(args.input<T>(0), n, args.output<T>(0));
    });
  }
  const auto workspace = static_cast<std::size_t>(2 * plan.between + plan.partials) * sizeof(T);
  return make_kernel(
      [n, mean, plan = std::move(plan)](const KernelArgs& args) {
        T* out = args.output<T>(0);
        run_plan<Op, T>(plan, args.input<T>(0), out, static_cast<T*>(args.workspace));
        if (mean) {
          const T count = static_cast<T>(plan.reduced);
          for (std::int64_t i = 0; i < n; ++i) out[i] /= count;
        }
      },
      workspace);
}

/// Every type of numbers; truth values are bytes.
template <class Op>
std::unique_ptr<Kernel> prepare(const KernelSpec& spec, const std::vector<Dim>& axes) {
  return dispatch_any(spec.in[0].dtype, [&]<class T>() -> std::unique_ptr<Kernel> {
    if constexpr (kIsHalf<T>)
      return nullptr;
    else if constexpr (std::same_as<T, bool>)
      return make_reduction<Op, std::uint8_t>(spec.in[0].shape, axes, false);
    else
      return make_reduction<Op, T>(spec.in[0].shape, axes, false);
  });
}

template <class Op>
std::unique_ptr<Kernel> prepare_over_axes(const KernelSpec& spec) {
  return prepare<Op>(spec, spec.attrs.as<ops::ReduceAttrs>().axes);
}

std::unique_ptr<Kernel> prepare_mean(const KernelSpec& spec) {
  const auto& axes = spec.attrs.as<ops::ReduceAttrs>().axes;
  if (spec.in[0].dtype == DType::float32) return make_reduction<Add, float>(spec.in[0].shape, axes, true);
  if (spec.in[0].dtype == DType::float64) return make_reduction<Add, double>(spec.in[0].shape, axes, true);
  return nullptr;
}

template <class Op>
std::unique_ptr<Kernel> prepare_truth(const KernelSpec& spec) {
  const std::uint8_t empty = std::same_as<Op, Minimum> ? 1 : 0;  // all of nothing is true
  return make_reduction<Op, std::uint8_t>(spec.in[0].shape, spec.attrs.as<ops::ReduceAttrs>().axes, false, empty);
}

std::unique_ptr<Kernel> prepare_sum_to(const KernelSpec& spec) {
  return prepare<Add>(spec, broadcast_axes(spec.in[0].shape, spec.in[1].shape));
}

}  // namespace

void register_reduction_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kSum, prepare_over_axes<Add>);
  registry.add(kCpu, ops::kProd, prepare_over_axes<Multiply>);
  registry.add(kCpu, ops::kMax, prepare_over_axes<Maximum>);
  registry.add(kCpu, ops::kMin, prepare_over_axes<Minimum>);
  registry.add(kCpu, ops::kMean, prepare_mean);
  registry.add(kCpu, ops::kAny, prepare_truth<Maximum>);
  registry.add(kCpu, ops::kAll, prepare_truth<Minimum>);
  registry.add(kCpu, ops::kSumTo, prepare_sum_to);
  register_scan_reductions(registry);
}

}  // namespace kerata::cpu
