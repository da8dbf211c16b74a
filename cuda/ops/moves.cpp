// Ops that move elements of any type: transpose, broadcast, flip, slice, pad, concatenate, full.
#include <algorithm>
#include <memory>

#include "cuda/ops/move.h"
#include "cuda/ops/register.h"
#include "ops/control_attrs.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::cuda {
namespace {

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  std::int64_t stride = 1;
  for (std::size_t i = strides.size(); i-- > 0; stride *= shape[static_cast<Dim>(i)]) strides[i] = stride;
  return strides;
}

std::unique_ptr<Kernel> make_move(const KernelSpec& spec, std::vector<MoveAxis> axes, std::int64_t from = 0) {
  const Move move(spec.device.index(), size_of(spec.in[0].dtype), std::move(axes), from);
  return make_device_kernel([move](const KernelArgs& args) { move.run(args.in[0], args.out[0], args); });
}

std::unique_ptr<Kernel> prepare_transpose(const KernelSpec& spec) {
  const auto from = strides_of(spec.in[0].shape);
  std::vector<MoveAxis> axes;
  for (const Dim source : spec.attrs.as<ops::TransposeAttrs>().axes)
    axes.push_back({spec.in[0].shape[source], from[static_cast<std::size_t>(source)]});
  return make_move(spec, std::move(axes));
}

std::unique_ptr<Kernel> prepare_broadcast(const KernelSpec& spec) {
  const Shape &x = spec.in[0].shape, &out = spec.out[0].shape;
  const auto from = strides_of(x);
  const Dim lead = out.rank() - x.rank();
  std::vector<MoveAxis> axes;
  for (Dim i = 0; i < out.rank(); ++i) {
    const bool repeats = i < lead || x[i - lead] == 1;
    axes.push_back({out[i], repeats ? 0 : from[static_cast<std::size_t>(i - lead)]});
  }
  return make_move(spec, std::move(axes));
}

std::unique_ptr<Kernel> prepare_flip(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const auto strides = strides_of(x);
  const auto& flipped = spec.attrs.as<ops::AxesAttrs>().axes;
  std::vector<MoveAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const Dim size = x[static_cast<Dim>(i)];
    const bool turns = std::find(flipped.begin(), flipped.end(), static_cast<Dim>(i)) != flipped.end();
    if (turns) first += (size - 1) * strides[i];
    axes.push_back({size, turns ? -strides[i] : strides[i]});
  }
  return make_move(spec, std::move(axes), first);
}

std::unique_ptr<Kernel> prepare_slice(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::SliceAttrs>();
  const auto from = strides_of(spec.in[0].shape);
  std::vector<MoveAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Dim size = spec.in[0].shape[static_cast<Dim>(i)];
    const ops::SliceRange range = ops::slice_range(p.start[i], p.stop[i], p.step[i], size);
    first += range.start * from[i];
    axes.push_back({range.count, from[i] * p.step[i]});
  }
  return make_move(spec, std::move(axes), first);
}

// A part within a result: along each axis element k of the part lies at before + k * step.
struct PartAxis {
  std::int64_t size, before, count, step;
};

struct PlaceParameters {
  const void* from;
  void* to;
  std::uint64_t fill;
  long long count, rank;
  struct {
    Divide size, step;
    long long before, count, from;
  } axes[Shape::kMaxRank];
};

// Where the inner axis is whole, it and the one before it are one.
std::vector<PartAxis> merged(const std::vector<PartAxis>& axes) {
  std::vector<PartAxis> result;
  for (const PartAxis& axis : axes) {
    const bool whole = axis.before == 0 && axis.count == axis.size && axis.step == 1;
    if (whole && !result.empty() && result.back().step == 1) {
      PartAxis& outer = result.back();
      outer = {outer.size * axis.size, outer.before * axis.size, outer.count * axis.size, 1};
    } else {
      result.push_back(axis);
    }
  }
  if (result.empty()) result.push_back({1, 0, 1, 1});
  return result;
}

PlaceParameters place_parameters(const std::vector<PartAxis>& axes, std::uint64_t fill, std::int64_t together) {
  PlaceParameters p = {};
  p.fill = fill;
  p.count = 1;
  p.rank = static_cast<long long>(axes.size());
  std::int64_t from = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    const std::int64_t each = i + 1 == axes.size() ? together : 1;
    const std::int64_t size = axes[i].size / each, count = axes[i].count / each;
    p.axes[i] = {divide_by(size), divide_by(axes[i].step), axes[i].before / each, count, from};
    p.count *= size;
    from *= count;
  }
  return p;
}

std::unique_ptr<Kernel> make_place(const KernelSpec& spec, const std::vector<PartAxis>& all, std::uint64_t fill) {
  const std::int64_t count = spec.out[0].shape.size();
  if (count == 0) return make_nothing();
  const std::vector<PartAxis> axes = merged(all);
  const std::size_t bytes = size_of(spec.out[0].dtype);
  const PartAxis& inner = axes.back();
  const std::size_t together =
      inner.step == 1 ? elements_together(bytes, std::array{inner.size, inner.before, inner.count}) : 1;
  struct Placing {
    KernelFunction function;
    PlaceParameters parameters;
  };
  auto placing = [&](std::size_t each) {
    const std::string text = indexing(count) + sized("T", bytes * each) + kernel_text("move.cuh");
    return Placing{function_of(spec.device.index(), {text, "place_part", {}}),
                   place_parameters(axes, fill, static_cast<std::int64_t>(each))};
  };
  const Placing one = placing(1), wide = placing(together);
  return make_device_kernel(
      [device = spec.device.index(), one, wide, bytes = bytes * together](const KernelArgs& args) {
        const bool aligned = is_aligned(args.in[0], bytes) && is_aligned(args.out[0], bytes);
        const Placing& chosen = aligned ? wide : one;
        PlaceParameters p = chosen.parameters;
        p.from = args.in[0];
        p.to = args.out[0];
        launch(device, chosen.function, grid_for(p.count), p, args);
      });
}

std::unique_ptr<Kernel> prepare_unslice(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::SliceAttrs>();
  std::vector<PartAxis> axes;
  for (std::size_t i = 0; i < p.start.size(); ++i) {
    const Dim size = spec.out[0].shape[static_cast<Dim>(i)];
    const ops::SliceRange range = ops::slice_range(p.start[i], p.stop[i], p.step[i], size);
    axes.push_back({size, range.start, range.count, p.step[i]});
  }
  return make_place(spec, axes, 0);
}

std::unique_ptr<Kernel> prepare_pad(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::PadAttrs>();
  std::vector<PartAxis> axes;
  for (std::size_t i = 0; i < p.before.size(); ++i) {
    const Dim axis = static_cast<Dim>(i);
    axes.push_back({spec.out[0].shape[axis], p.before[i], spec.in[0].shape[axis], 1});
  }
  return make_place(spec, axes, repeated_bits(spec.out[0].dtype, p.constant));
}

std::unique_ptr<Kernel> prepare_concatenate(const KernelSpec& spec) {
  if (spec.out[0].shape.size() == 0) return make_nothing();
  const Join join(spec.device.index(), spec.in, spec.attrs.as<ops::AxisAttrs>().axis);
  return make_device_kernel([join](const KernelArgs& args) { join.join(args.in, args.out[0], args); });
}

std::unique_ptr<Kernel> prepare_split_like(const KernelSpec& spec) {
  if (spec.in[0].shape.size() == 0) return make_nothing();
  const Join join(spec.device.index(), spec.out, spec.attrs.as<ops::AxisAttrs>().axis);
  return make_device_kernel([join](const KernelArgs& args) { join.split(args.in[0], args.out, args); });
}

std::unique_ptr<Kernel> make_fill(const KernelSpec& spec, double value) {
  const ValueType& out = spec.out[0];
  const Fill fill(spec.device.index(), size_of(out.dtype), out.shape.size(), repeated_bits(out.dtype, value));
  return make_device_kernel([fill](const KernelArgs& args) { fill.run(args.out[0], args); });
}

std::unique_ptr<Kernel> prepare_full(const KernelSpec& spec) {
  return make_fill(spec, spec.attrs.as<ops::FullAttrs>().value);
}
std::unique_ptr<Kernel> prepare_full_like(const KernelSpec& spec) {
  return make_fill(spec, spec.attrs.as<ops::FullLikeAttrs>().value);
}

std::unique_ptr<Kernel> prepare_custom_gradient(const KernelSpec& spec) {
  const std::size_t first = spec.in.size() - spec.out.size();
  std::vector<std::size_t> sizes;
  for (const ValueType& type : spec.out) sizes.push_back(bytes_of(type));
  return make_device_kernel([device = spec.device.index(), first, sizes](const KernelArgs& args) {
    for (std::size_t i = 0; i < sizes.size(); ++i) copy_dense(device, args.out[i], args.in[first + i], sizes[i], args);
  });
}

}  // namespace

void register_moves(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kTranspose, prepare_transpose);
  registry.add(kCuda, ops::kBroadcastTo, prepare_broadcast);
  registry.add(kCuda, ops::kBroadcastLike, prepare_broadcast);
  registry.add(kCuda, ops::kFlip, prepare_flip);
  registry.add(kCuda, ops::kSlice, prepare_slice);
  registry.add(kCuda, ops::kUnslice, prepare_unslice);
  registry.add(kCuda, ops::kPad, prepare_pad);
  registry.add(kCuda, ops::kConcatenate, prepare_concatenate);
  registry.add(kCuda, ops::kSplitLike, prepare_split_like);
  registry.add(kCuda, ops::kFull, prepare_full);
  registry.add(kCuda, ops::kFullLike, prepare_full_like);
  registry.add(kCuda, ops::kCustomGradient, prepare_custom_gradient);
}

}  // namespace kerata::cuda
