// Reductions, argmax, argmin and running sums on a GPU.
#include "cuda/ops/reduce_run.h"
#include "cuda/ops/register.h"
#include "ops/axis_view.h"
#include "ops/infer.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::cuda {
namespace {

// Truth values are reduced as bytes.
const char* reduced_name(DType dtype) { return dtype == DType::boolean ? "unsigned char" : storage_name(dtype); }

std::size_t partial_bytes(DType dtype) { return is_half(dtype) ? sizeof(float) : size_of(dtype); }

std::unique_ptr<Kernel> from_run(ReduceRun run) {
  const std::size_t workspace = run.workspace_bytes();
  return make_device_kernel(
      [run = std::move(run)](const KernelArgs& args) { run.run(args.in[0], args.out[0], args.workspace, args); },
      workspace);
}

std::unique_ptr<Kernel> prepare_axes(const KernelSpec& spec, const char* name, const std::vector<Dim>& axes,
                                     bool mean = false) {
  const ReduceStages plan = reduce_stages(spec.in[0].shape, axes);
  if (plan.out_size == 0) return make_nothing();
  const DType dtype = spec.in[0].dtype;
  const char* storage = reduced_name(dtype);
  const ReduceOp op{join_text(name, '<', storage, '>'), storage, storage, size_of(dtype), partial_bytes(dtype)};
  std::vector<ReduceStage> stages = plan.stages;
  if (stages.empty()) stages.push_back(stage_of(plan.out_size, plan.reduced, 1));  // copies, or nothing to add
  return from_run(ReduceRun(spec.device.index(), op, stages, mean ? static_cast<double>(plan.reduced) : 1));
}

std::unique_ptr<Kernel> prepare_mean(const KernelSpec& spec) {
  if (!is_floating(spec.in[0].dtype)) return nullptr;
  return prepare_axes(spec, "Sum", spec.attrs.as<ops::ReduceAttrs>().axes, true);
}

std::unique_ptr<Kernel> prepare_sum_to(const KernelSpec& spec) {
  return prepare_axes(spec, "Sum", broadcast_axes(spec.in[0].shape, spec.in[1].shape));
}

std::unique_ptr<Kernel> prepare_arg(const KernelSpec& spec, const char* largest) {
  const DType dtype = spec.in[0].dtype;
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::AxisAttrs>().axis);
  if (v.outer * v.inner == 0) return make_nothing();
  const char* storage = reduced_name(dtype);
  const std::size_t value = std::max(sizeof(int), partial_bytes(dtype));  // of Best, whose index follows
  const ReduceOp op{join_text("Extreme<", storage, ", ", largest, '>'), storage, "int", size_of(dtype), 2 * value};
  return from_run(ReduceRun(spec.device.index(), op, {stage_of(v.outer, v.size, v.inner)}));
}

struct Scan {
  int device;
  KernelFunction lines, columns, sums;
  ScanParameters p;
  Grid grid;
};

// Long lines in pieces: their sums first, the running sums of these, then each piece from where it starts.
void run_scan(const Scan& s, const KernelArgs& args) {
  ScanParameters p = s.p;
  p.x = args.in[0];
  p.out = args.out[0];
  if (s.columns) return launch(s.device, s.columns, s.grid, p, args);
  if (p.pieces > 1) {
    ScanParameters sums = p;
    sums.out = args.workspace;
    launch(s.device, s.sums, s.grid, sums, args);
    const ScanParameters starts{args.workspace, args.workspace, nullptr, p.outer * p.inner, p.pieces, 1, 1, p.pieces};
    launch(s.device, s.lines, grid_for(p.outer * p.inner * 256), starts, args);
    p.starts = args.workspace;
  }
  launch(s.device, s.lines, s.grid, p, args);
}

std::unique_ptr<Kernel> prepare_cumsum(const KernelSpec& spec) {
  const DType dtype = spec.in[0].dtype;
  if (dtype == DType::boolean || is_half(dtype)) return nullptr;
  const AxisView v = view_of(spec.in[0].shape, spec.attrs.as<ops::AxisAttrs>().axis);
  const std::int64_t lines = v.outer * v.inner;
  if (lines * v.size == 0) return make_nothing();
  constexpr std::int64_t kPiece = 8192, kManyLines = 4096;
  auto function = [&](const char* kernel) {
    const std::string text =
        reduce_text() + kernel_text("scan.cuh") + kernel_entry("scan", "ScanParameters", kernel, storage_name(dtype));
    return function_of(spec.device.index(), {text, "scan", {}});
  };
  const bool side_by_side = v.inner >= 32 && lines >= kManyLines;
  const std::int64_t pieces = side_by_side ? 1 : (v.size + kPiece - 1) / kPiece;
  const Scan scan{spec.device.index(),
                  side_by_side ? KernelFunction() : function("scan_lines"),
                  side_by_side ? function("scan_columns") : KernelFunction(),
                  pieces > 1 ? function("sum_pieces") : KernelFunction(),
                  {nullptr, nullptr, nullptr, v.outer, v.size, v.inner, pieces, kPiece},
                  grid_for(side_by_side ? lines : lines * pieces * 256)};
  return make_device_kernel([scan](const KernelArgs& args) { run_scan(scan, args); },
                            pieces > 1 ? static_cast<std::size_t>(lines * pieces) * size_of(dtype) : 0);
}

}  // namespace

void register_reductions(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
#define KERATA_REDUCED(op, name)                                             \
  registry.add(kCuda, op, [](const KernelSpec& spec) {                       \
    return prepare_axes(spec, name, spec.attrs.as<ops::ReduceAttrs>().axes); \
  })
  KERATA_REDUCED(ops::kSum, "Sum");
  KERATA_REDUCED(ops::kProd, "Product");
  KERATA_REDUCED(ops::kMax, "Maximum");
  KERATA_REDUCED(ops::kMin, "Minimum");
  KERATA_REDUCED(ops::kAny, "Any");
  KERATA_REDUCED(ops::kAll, "All");
#undef KERATA_REDUCED
  registry.add(kCuda, ops::kMean, prepare_mean);
  registry.add(kCuda, ops::kSumTo, prepare_sum_to);
  registry.add(kCuda, ops::kArgmax, [](const KernelSpec& spec) { return prepare_arg(spec, "true"); });
  registry.add(kCuda, ops::kArgmin, [](const KernelSpec& spec) { return prepare_arg(spec, "false"); });
  registry.add(kCuda, ops::kCumsum, prepare_cumsum);
}

}  // namespace kerata::cuda
