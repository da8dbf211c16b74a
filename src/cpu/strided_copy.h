// Copies between arrays of any strides: the work of transpose, slice, pad, flip, broadcast_to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kerata::cpu {

/// One axis of a copy; strides in elements.
struct CopyAxis {
  std::int64_t size, from, to;
};

/// dst[to_offset + i . to] = src[from_offset + i . from] for all i below the sizes. Prepared once, run often.
class StridedCopy {
 public:
  StridedCopy(std::size_t element_size, const std::vector<CopyAxis>& axes, std::int64_t from_offset,
              std::int64_t to_offset);
  void run(const void* src, void* dst) const;

 private:
  template <class T>
  void run_rows(const T* src, T* dst) const;
  template <class T>
  void run_tiles(const T* src, T* dst) const;
  template <class T>
  void run_typed(const void* src, void* dst) const;

  std::size_t element_size_;
  std::vector<CopyAxis> outer_;  // all axes but the inner one (and, with tiles, the crossing one)
  CopyAxis inner_ = {1, 1, 1};   // contiguous in dst where there is such an axis
  CopyAxis cross_ = {1, 1, 1};   // with tiles: contiguous in src
  bool tiled_ = false, empty_ = false;
  std::int64_t from_offset_, to_offset_, rows_ = 1;
};

/// Row-major strides of a shape's sizes.
std::vector<std::int64_t> row_major(const std::int64_t* begin, const std::int64_t* end);

}  // namespace kerata::cpu
