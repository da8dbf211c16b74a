#include "cpu/strided_copy.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "backend/parallel.h"

namespace kerata::cpu {
namespace {

constexpr std::int64_t kTile = 16;          // edge of a square that is turned within the L1 cache
constexpr std::int64_t kStrip = 8 * kTile;  // columns of src taken together: fewer pages touched at a time
constexpr std::int64_t kCopyGrain = 32768;  // elements that a thread should at least have

/// Axes of size 1 left out, neighbours joined where one goes on where the other ends.
std::vector<CopyAxis> merged(const std::vector<CopyAxis>& axes) {
  std::vector<CopyAxis> result;
  for (const CopyAxis& axis : axes) {
    if (axis.size == 1) continue;
    const bool joins =
        !result.empty() && result.back().from == axis.from * axis.size && result.back().to == axis.to * axis.size;
    if (joins)
      result.back() = {result.back().size * axis.size, axis.from, axis.to};
    else
      result.push_back(axis);
  }
  return result;
}

/// body(from, to) for outer positions [begin, end), as offsets in elements.
template <class Body>
void walk(const std::vector<CopyAxis>& axes, std::int64_t begin, std::int64_t end, const Body& body) {
  std::array<std::int64_t, 8> index = {};
  std::int64_t from = 0, to = 0, rest = begin;
  for (std::size_t i = axes.size(); i-- > 0; rest /= axes[i].size) {
    index[i] = rest % axes[i].size;
    from += index[i] * axes[i].from;
    to += index[i] * axes[i].to;
  }
  for (std::int64_t row = begin; row < end; ++row) {
    body(from, to);
    for (std::size_t i = axes.size(); i-- > 0;) {
      from += axes[i].from;
      to += axes[i].to;
      if (++index[i] < axes[i].size) break;
      from -= axes[i].size * axes[i].from;
      to -= axes[i].size * axes[i].to;
      index[i] = 0;
    }
  }
}

template <class T>
void copy_run(const T* src, std::int64_t from, T* dst, std::int64_t to, std::int64_t n) {
  if (from == 1 && to == 1)
    std::memcpy(dst, src, static_cast<std::size_t>(n) * sizeof(T));
  else if (from == 0 && to == 1)
    std::fill_n(dst, n, *src);
  else
    for (std::int64_t i = 0; i < n; ++i) dst[i * to] = src[i * from];
}

}  // namespace

StridedCopy::StridedCopy(std::size_t element_size, const std::vector<CopyAxis>& axes, std::int64_t from_offset,
                         std::int64_t to_offset)
    : element_size_(element_size), from_offset_(from_offset), to_offset_(to_offset) {
  for (const CopyAxis& axis : axes) empty_ = empty_ || axis.size == 0;
  if (empty_) return;
  outer_ = merged(axes);
  if (!outer_.empty()) {
    inner_ = outer_.back();
    outer_.pop_back();
  }
  const auto cross = std::find_if(outer_.begin(), outer_.end(), [](const CopyAxis& axis) { return axis.from == 1; });
  if (inner_.from > 1 && inner_.to == 1 && cross != outer_.end() && cross->size >= kTile / 2 &&
      inner_.size >= kTile / 2) {
    cross_ = *cross;
    tiled_ = true;
    outer_.erase(cross);
  }
  for (const CopyAxis& axis : outer_) rows_ *= axis.size;
}

template <class T>
void StridedCopy::run_rows(const T* src, T* dst) const {
  if (rows_ == 1 && inner_.from == 1 && inner_.to == 1) {  // one long run
    parallel_for(inner_.size, kCopyGrain * 4,
                 [&](std::int64_t begin, std::int64_t end) { copy_run(src + begin, 1, dst + begin, 1, end - begin); });
    return;
  }
  parallel_for(rows_, std::max<std::int64_t>(1, kCopyGrain / inner_.size), [&](std::int64_t begin, std::int64_t end) {
    walk(outer_, begin, end, [&](std::int64_t from, std::int64_t to) {
      copy_run(src + from, inner_.from, dst + to, inner_.to, inner_.size);
    });
  });
}

// A square of src rows is turned in a buffer and written as dst rows: whole cache lines on both sides, so that large
// powers of two as strides do no harm.
template <class T>
void turn_square(const T* src, std::int64_t src_stride, T* dst, std::int64_t dst_stride, std::int64_t rows,
                 std::int64_t columns) {
  T square[kTile][kTile];
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) square[j][i] = src[i * src_stride + j];
  for (std::int64_t j = 0; j < columns; ++j) std::copy_n(square[j], rows, dst + j * dst_stride);
}

template <class T>
void StridedCopy::run_tiles(const T* src, T* dst) const {
  const std::int64_t strips = (cross_.size + kStrip - 1) / kStrip;
  const std::int64_t grain = std::max<std::int64_t>(1, kCopyGrain / (kStrip * inner_.size));
  auto strip = [&](std::int64_t from, std::int64_t to, std::int64_t begin) {
    const std::int64_t end = std::min(begin + kStrip, cross_.size);
    for (std::int64_t i = 0; i < inner_.size; i += kTile)
      for (std::int64_t j = begin; j < end; j += kTile)
        turn_square(src + from + j + i * inner_.from, inner_.from, dst + to + j * cross_.to + i, cross_.to,
                    std::min(kTile, inner_.size - i), std::min(kTile, end - j));
  };
  parallel_for(rows_ * strips, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task)
      walk(outer_, task / strips, task / strips + 1,
           [&](std::int64_t from, std::int64_t to) { strip(from, to, task % strips * kStrip); });
  });
}

template <class T>
void StridedCopy::run_typed(const void* src, void* dst) const {
  const T* from = static_cast<const T*>(src) + from_offset_;
  T* to = static_cast<T*>(dst) + to_offset_;
  if (tiled_)
    run_tiles(from, to);
  else
    run_rows(from, to);
}

void StridedCopy::run(const void* src, void* dst) const {
  if (empty_) return;
  switch (element_size_) {
    case 1:
      return run_typed<std::uint8_t>(src, dst);
    case 2:
      return run_typed<std::uint16_t>(src, dst);
    case 4:
      return run_typed<std::uint32_t>(src, dst);
    default:
      return run_typed<std::uint64_t>(src, dst);
  }
}

std::vector<std::int64_t> row_major(const std::int64_t* begin, const std::int64_t* end) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(end - begin));
  std::int64_t stride = 1;
  for (std::size_t i = strides.size(); i-- > 0; stride *= begin[i]) strides[i] = stride;
  return strides;
}

}  // namespace kerata::cpu
