// Kernels that move elements of any type: transpose, broadcast, flip, slice, pad, concatenate. Row-major.
#include <algorithm>
#include <cstring>

#include "backend/parallel.h"
#include "cpu/register.h"
#include "cpu/strided_copy.h"
#include "ops/axis_view.h"
#include "ops/dispatch.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::cpu {
namespace {

using Strides = std::vector<std::int64_t>;

Strides strides_of(const Shape& shape) { return row_major(shape.begin(), shape.end()); }

std::unique_ptr<Kernel> make_copy(const KernelSpec& spec, const std::vector<CopyAxis>& axes, std::int64_t from = 0,
                                  std::int64_t to = 0) {
  return make_kernel([copy = StridedCopy(size_of(spec.in[0].dtype), axes, from, to)](const KernelArgs& args) {
    copy.run(args.in[0], args.out[0]);
  });
}

/// x -> out; out axis i is x axis axes[i].
std::unique_ptr<Kernel> prepare_transpose(const KernelSpec& spec) {
  const Strides from = strides_of(spec.in[0].shape), to = strides_of(spec.out[0].shape);
  std::vector<CopyAxis> axes;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Dim source = spec.attrs.as<ops::TransposeAttrs>().axes[i];
    axes.push_back({spec.in[0].shape[source], from[static_cast<std::size_t>(source)], to[i]});
  }
  return make_copy(spec, axes);
}

std::unique_ptr<Kernel> prepare_broadcast(const KernelSpec& spec) {
  const Shape &x = spec.in[0].shape, &out = spec.out[0].shape;
  const Strides from = strides_of(x), to = strides_of(out);
  const Dim lead = out.rank() - x.rank();
  std::vector<CopyAxis> axes;
  for (Dim i = 0; i < out.rank(); ++i) {
    const bool repeats = i < lead || x[i - lead] == 1;
    axes.push_back({out[i], repeats ? 0 : from[static_cast<std::size_t>(i - lead)], to[static_cast<std::size_t>(i)]});
  }
  return make_copy(spec, axes);
}

std::unique_ptr<Kernel> prepare_flip(const KernelSpec& spec) {
  const Shape& x = spec.in[0].shape;
  const Strides strides = strides_of(x);
  const auto& flipped = spec.attrs.as<ops::AxesAttrs>().axes;
  std::vector<CopyAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const Dim size = x[static_cast<Dim>(i)];
    const bool turns = std::find(flipped.begin(), flipped.end(), static_cast<Dim>(i)) != flipped.end();
    if (turns) first += (size - 1) * strides[i];
    axes.push_back({size, turns ? -strides[i] : strides[i], strides[i]});
  }
  return make_copy(spec, axes, first);
}

/// A slice of `whole` beside `part`: the copy from one to the other.
StridedCopy slice_copy(const KernelSpec& spec, const Shape& whole, const Shape& part, bool into_whole) {
  const auto& p = spec.attrs.as<ops::SliceAttrs>();
  const Strides wide = strides_of(whole), narrow = strides_of(part);
  std::vector<CopyAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const auto range = ops::slice_range(p.start[i], p.stop[i], p.step[i], whole[static_cast<Dim>(i)]);
    const std::int64_t step = wide[i] * p.step[i];
    first += range.start * wide[i];
    axes.push_back({range.count, into_whole ? narrow[i] : step, into_whole ? step : narrow[i]});
  }
  return StridedCopy(size_of(spec.out[0].dtype), axes, into_whole ? 0 : first, into_whole ? first : 0);
}

std::unique_ptr<Kernel> prepare_slice(const KernelSpec& spec) {
  return make_kernel([copy = slice_copy(spec, spec.in[0].shape, spec.out[0].shape, false)](const KernelArgs& args) {
    copy.run(args.in[0], args.out[0]);
  });
}

std::unique_ptr<Kernel> prepare_unslice(const KernelSpec& spec) {
  const std::size_t bytes = bytes_of(spec.out[0]);
  return make_kernel(
      [bytes, copy = slice_copy(spec, spec.out[0].shape, spec.in[0].shape, true)](const KernelArgs& args) {
        std::memset(args.out[0], 0, bytes);
        copy.run(args.in[0], args.out[0]);
      });
}

std::unique_ptr<Kernel> prepare_pad(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::PadAttrs>();
  const Shape &x = spec.in[0].shape, &out = spec.out[0].shape;
  const Strides from = strides_of(x), to = strides_of(out);
  std::vector<CopyAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    axes.push_back({x[static_cast<Dim>(i)], from[i], to[i]});
    first += p.before[i] * to[i];
  }
  const StridedCopy copy(size_of(spec.out[0].dtype), axes, 0, first);
  const std::int64_t n = out.size();
  return dispatch_any(spec.out[0].dtype, [&]<class T>() {
    const T constant = convert_one<T>(p.constant);
    return make_kernel([n, constant, copy](const KernelArgs& args) {
      std::fill_n(args.output<T>(0), n, constant);
      copy.run(args.in[0], args.out[0]);
    });
  });
}

/// The bytes of one outer row of each part of a joined tensor (outer, parts' sizes, inner).
std::vector<std::size_t> row_bytes(std::span<const ValueType> parts, Dim axis) {
  std::vector<std::size_t> result;
  for (const ValueType& part : parts) {
    const AxisView v = view_of(part.shape, axis);
    result.push_back(static_cast<std::size_t>(v.size * v.inner) * size_of(part.dtype));
  }
  return result;
}

std::int64_t outer_of(const Shape& shape, Dim axis) { return view_of(shape, axis).outer; }

/// copy(part, offset of the part's row in the joined row, its bytes, row) for all rows of all parts.
template <class Copy>
void for_parts(const std::vector<std::size_t>& rows, std::int64_t outer, const Copy& copy) {
  std::size_t total = 1;
  for (std::size_t bytes : rows) total += bytes;
  parallel_for(outer, std::max<std::int64_t>(1, std::int64_t{1 << 18} / static_cast<std::int64_t>(total)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t row = begin; row < end; ++row) {
                   std::size_t at = 0;
                   for (std::size_t i = 0; i < rows.size(); at += rows[i++])
                     if (rows[i]) copy(i, at, rows[i], static_cast<std::size_t>(row));
                 }
               });
}

std::unique_ptr<Kernel> prepare_concatenate(const KernelSpec& spec) {
  const Dim axis = spec.attrs.as<ops::AxisAttrs>().axis;
  const std::size_t joined = row_bytes(spec.out, axis)[0];
  return make_kernel(
      [joined, outer = outer_of(spec.out[0].shape, axis), rows = row_bytes(spec.in, axis)](const KernelArgs& args) {
        for_parts(rows, outer, [&](std::size_t i, std::size_t at, std::size_t bytes, std::size_t row) {
          std::memcpy(args.output<std::byte>(0) + row * joined + at, args.input<std::byte>(i) + row * bytes, bytes);
        });
      });
}

std::unique_ptr<Kernel> prepare_split_like(const KernelSpec& spec) {
  const Dim axis = spec.attrs.as<ops::AxisAttrs>().axis;
  const std::size_t joined = row_bytes(spec.in.first(1), axis)[0];
  return make_kernel(
      [joined, outer = outer_of(spec.in[0].shape, axis), rows = row_bytes(spec.out, axis)](const KernelArgs& args) {
        for_parts(rows, outer, [&](std::size_t i, std::size_t at, std::size_t bytes, std::size_t row) {
          std::memcpy(args.output<std::byte>(i) + row * bytes, args.input<std::byte>(0) + row * joined + at, bytes);
        });
      });
}

}  // namespace

void register_shape_kernels(KernelRegistry& registry) {
  constexpr auto kCpu = KernelRegistry::Target::cpu;
  registry.add(kCpu, ops::kTranspose, prepare_transpose);
  registry.add(kCpu, ops::kBroadcastTo, prepare_broadcast);
  registry.add(kCpu, ops::kBroadcastLike, prepare_broadcast);
  registry.add(kCpu, ops::kFlip, prepare_flip);
  registry.add(kCpu, ops::kSlice, prepare_slice);
  registry.add(kCpu, ops::kUnslice, prepare_unslice);
  registry.add(kCpu, ops::kPad, prepare_pad);
  registry.add(kCpu, ops::kConcatenate, prepare_concatenate);
  registry.add(kCpu, ops::kSplitLike, prepare_split_like);
}

}  // namespace kerata::cpu
