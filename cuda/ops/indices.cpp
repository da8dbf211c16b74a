// Reading and adding by index, argsort, top_k.
#include <algorithm>
#include <array>
#include <string_view>

#include "cuda/ops/move.h"
#include "cuda/ops/register.h"
#include "cuda/ops/sort.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::cuda {
namespace {

constexpr std::int64_t kChunk = 64;                                // as in segments.cuh
constexpr std::int64_t kMostPlaces = (std::int64_t{1} << 31) - 1;  // of one sorted row: they are int32

Dim axis_of(const KernelSpec& spec) { return spec.attrs.as<ops::AxisAttrs>().axis; }

struct TakeParameters {
  const void* x;
  const void* indices;
  void* out;
  KernelStatus* status;
  long long total, size;
  Divide inner, count;
};

KernelFunction index_function(const KernelSpec& spec, std::int64_t largest, std::size_t bytes, DType index,
                              const char* name) {
  const std::string file = std::string_view(name) == "one_hot" ? "one_hot.cuh" : "index.cuh";
  const std::string text = indexing(largest) + sized("T", bytes) + typed("I", index) + kernel_text(file);
  return function_of(spec.device.index(), {text, name, {}});
}

// `count`: how often each row of the source's places is divided further (indices, or planes of a result).
std::unique_ptr<Kernel> make_take(const KernelSpec& spec, const char* name, std::int64_t count, bool widens) {
  if (spec.out[0].shape.size() == 0) return make_nothing();
  const AxisView v = view_of(spec.in[0].shape, axis_of(spec));
  const std::size_t bytes = size_of(spec.in[0].dtype);
  const std::size_t together = widens ? elements_together(bytes, std::array{v.inner}) : 1;
  struct Taking {
    KernelFunction function;
    TakeParameters parameters;
  };
  auto taking = [&](std::size_t each) {
    const std::int64_t inner = v.inner / static_cast<std::int64_t>(each);
    const std::int64_t total = spec.out[0].shape.size() / static_cast<std::int64_t>(each);
    const std::int64_t largest = std::max(spec.in[0].shape.size(), spec.out[0].shape.size());
    Taking made{index_function(spec, largest, bytes * each, spec.in[1].dtype, name), {}};
    made.parameters.total = total;
    made.parameters.size = v.size;
    made.parameters.inner = divide_by(inner);
    made.parameters.count = divide_by(count);
    return made;
  };
  const Taking one = taking(1), wide = taking(together);
  const auto run = [device = spec.device.index(), one, wide, bytes = bytes * together](const KernelArgs& args) {
    const bool aligned = is_aligned(args.in[0], bytes) && is_aligned(args.out[0], bytes);
    const Taking& chosen = aligned ? wide : one;
    TakeParameters p = chosen.parameters;
    p.x = args.in[0];
    p.indices = args.in[1];
    p.out = args.out[0];
    p.status = args.status;
    launch(device, chosen.function, grid_for(p.total), p, args);
  };
  return make_device_kernel(run, 0, true);
}

std::unique_ptr<Kernel> prepare_take(const KernelSpec& spec) {
  return make_take(spec, "take", spec.in[1].shape.size(), true);
}

std::unique_ptr<Kernel> prepare_take_along(const KernelSpec& spec) {
  return make_take(spec, "take_along", spec.in[1].shape[axis_of(spec)], false);
}

std::unique_ptr<Kernel> prepare_one_hot(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::OneHotAttrs>();
  if (spec.out[0].shape.size() == 0) return make_nothing();
  const AxisView v = view_of(spec.out[0].shape, p.axis);
  struct Parameters {
    const void* labels;
    void* out;
    std::uint64_t one;
    long long total;
    Divide inner, size;
  };
  const std::int64_t total = spec.out[0].shape.size();
  const Parameters fixed{nullptr, nullptr, repeated_bits(p.dtype, 1), total, divide_by(v.inner), divide_by(v.size)};
  const KernelFunction function = index_function(spec, total, size_of(p.dtype), spec.in[0].dtype, "one_hot");
  return make_device_kernel([device = spec.device.index(), function, fixed](const KernelArgs& args) {
    Parameters parameters = fixed;
    parameters.labels = args.in[0];
    parameters.out = args.out[0];
    launch(device, function, grid_for(fixed.total), parameters, args);
  });
}

// What elements are summed in: integers wrap around as unsigned numbers.
const char* sum_name(DType dtype) {
  if (is_floating(dtype)) return dtype == DType::float64 ? "double" : "float";
  return dtype == DType::int64 ? "unsigned long long" : "unsigned int";
}

struct SegmentParameters {
  const unsigned* keys;
  const int* order;
  const void* updates;
  const void* initial;
  void* out;
  void* partial;
  long long count, size, total;
  Divide inner, chunks;
};

// out = initial or zeros, plus updates where the indices say; `along`: as take_along_axis read, else as take.
class AddByIndex final : public Kernel {
 public:
  AddByIndex(const KernelSpec& spec, const AxisView& v, std::int64_t count, bool has_initial, bool along)
      : device_(spec.device.index()),
        sort_(device_, spec.in[1].dtype, along ? AxisView{v.outer, count, v.inner} : AxisView{1, count, 1},
              {.limit = v.size}),
        bytes_(bytes_of(spec.out[0])),
        has_initial_(has_initial) {
    reports = true;
    const std::int64_t chunks = (count + kChunk - 1) / kChunk, sorted = along ? v.outer * count * v.inner : count;
    fixed_ = {};
    fixed_.count = count;
    fixed_.size = v.size;
    fixed_.total = along ? sorted : v.outer * chunks * v.inner;
    fixed_.inner = divide_by(v.inner);
    fixed_.chunks = divide_by(along ? count : chunks);
    sorted_bytes_ = (static_cast<std::size_t>(sorted) * 4 + 15) / 16 * 16;
    const std::size_t partial = along || chunks < 2 ? 0 : static_cast<std::size_t>(fixed_.total) * 2 * 8;
    workspace_bytes = 2 * sorted_bytes_ + std::max(sort_.workspace_bytes(), partial);
    if (fixed_.total == 0) return;
    const DType dtype = spec.out[0].dtype;
    const std::string text =
        indexing(std::max<std::int64_t>({spec.out[0].shape.size(), spec.in[2].shape.size(), 2 * fixed_.total})) +
        typed("T", dtype) + join_text("typedef ", sum_name(dtype), " Sum;\n") + kernel_text("segments.cuh");
    sum_ = function_of(device_, {text, along ? "sum_columns" : "sum_chunks", {}});
    if (!along && chunks > 1) join_ = function_of(device_, {text, "join_chunks", {}});
  }

  void run(const KernelArgs& args) const override {
    if (has_initial_)
      copy_dense(device_, args.out[0], args.in[0], bytes_, args);
    else
      cuda_backend()->fill_zero(device_, args.output<std::byte>(0), bytes_, args.queue);
    if (!sum_) return;
    auto* keys = static_cast<std::byte*>(args.workspace);
    SegmentParameters p = fixed_;
    auto* order = reinterpret_cast<int*>(keys + sorted_bytes_);
    p.keys = reinterpret_cast<unsigned*>(keys);
    p.order = order;
    p.updates = args.in[2];
    p.initial = has_initial_ ? args.in[0] : nullptr;
    p.out = args.out[0];
    p.partial = keys + 2 * sorted_bytes_;
    sort_.run(args.in[1], {order, nullptr, reinterpret_cast<unsigned*>(keys)}, p.partial, args);
    launch(device_, sum_, grid_for(p.total), p, args);
    if (join_) launch(device_, join_, grid_for(p.total), p, args);
  }

 private:
  int device_;
  Sort sort_;
  std::size_t bytes_, sorted_bytes_ = 0;
  bool has_initial_;
  SegmentParameters fixed_;
  KernelFunction sum_, join_;
};

std::unique_ptr<Kernel> make_add(const KernelSpec& spec, Dim axis, std::int64_t count, bool has_initial, bool along) {
  const AxisView v = view_of(spec.out[0].shape, axis);
  if (spec.out[0].dtype == DType::boolean || v.size >= kMostPlaces || count >= kMostPlaces) return nullptr;
  if (spec.out[0].shape.size() == 0) return make_nothing();
  return std::make_unique<AddByIndex>(spec, v, count, has_initial, along);
}

std::unique_ptr<Kernel> prepare_take_grad(const KernelSpec& spec) {
  return make_add(spec, axis_of(spec), spec.in[1].shape.size(), false, false);
}
std::unique_ptr<Kernel> prepare_scatter_add(const KernelSpec& spec) {
  return make_add(spec, 0, spec.in[1].shape.size(), true, false);
}
std::unique_ptr<Kernel> prepare_take_along_grad(const KernelSpec& spec) {
  return make_add(spec, axis_of(spec), spec.in[1].shape[axis_of(spec)], false, true);
}

std::unique_ptr<Kernel> make_sort(const KernelSpec& spec, Dim axis, const Sort::Options& options) {
  const AxisView v = view_of(spec.in[0].shape, axis);
  if (v.size >= kMostPlaces) return nullptr;
  if (spec.out[0].shape.size() == 0) return make_nothing();
  const Sort sort(spec.device.index(), spec.in[0].dtype, v, options);
  const std::size_t places = spec.out.size() - 1;  // top_k: values come first
  return make_device_kernel(
      [sort, places](const KernelArgs& args) {
        sort.run(args.in[0], {args.output<int>(places), places ? args.out[0] : nullptr, nullptr}, args.workspace, args);
      },
      sort.workspace_bytes());
}

std::unique_ptr<Kernel> prepare_argsort(const KernelSpec& spec) { return make_sort(spec, axis_of(spec), {}); }

std::unique_ptr<Kernel> prepare_top_k(const KernelSpec& spec) {
  return make_sort(spec, spec.in[0].shape.rank() - 1, {.descends = true, .kept = spec.attrs.as<ops::TopKAttrs>().k});
}

}  // namespace

void register_indices(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kTake, prepare_take);
  registry.add(kCuda, ops::kTakeAlongAxis, prepare_take_along);
  registry.add(kCuda, ops::kOneHot, prepare_one_hot);
  registry.add(kCuda, ops::kTakeGrad, prepare_take_grad);
  registry.add(kCuda, ops::kScatterAdd, prepare_scatter_add);
  registry.add(kCuda, ops::kTakeAlongAxisGrad, prepare_take_along_grad);
  registry.add(kCuda, ops::kArgsort, prepare_argsort);
  registry.add(kCuda, ops::kTopK, prepare_top_k);
}

}  // namespace kerata::cuda
