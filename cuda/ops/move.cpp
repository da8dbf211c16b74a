#include "cuda/ops/move.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace kerata::cuda {
namespace {

constexpr std::int64_t kTurned = 8;  // axes that are shorter are copied element by element

/// Axes of size 1 left out, neighbours joined where one goes on where the other ends.
std::vector<MoveAxis> merged(const std::vector<MoveAxis>& axes) {
  std::vector<MoveAxis> result;
  for (const MoveAxis& axis : axes) {
    if (axis.size == 1) continue;
    if (!result.empty() && result.back().from == axis.from * axis.size)
      result.back() = {result.back().size * axis.size, axis.from};
    else
      result.push_back(axis);
  }
  if (result.empty()) result.push_back({1, 1});
  return result;
}

KernelFunction move_function(int device, std::size_t bytes, std::int64_t largest, const char* name) {
  const bool turns = std::string_view(name) == "turn";
  return function_of(
      device, {indexing(largest) + sized("T", bytes) + kernel_text(turns ? "transpose.cuh" : "move.cuh"), name, {}});
}

// The largest place that the strides lead to: what indices must hold, beside the number of elements.
std::int64_t reach_of(const std::vector<MoveAxis>& axes) {
  std::int64_t reach = 1;
  for (const MoveAxis& axis : axes) reach += std::abs(axis.from) * (axis.size - 1);
  return reach;
}

}  // namespace

std::size_t elements_together(std::size_t element_bytes, std::span<const std::int64_t> numbers) {
  std::size_t together = 1;
  auto divides = [&](std::int64_t n) { return n % static_cast<std::int64_t>(2 * together) == 0; };
  while (2 * together * element_bytes <= 16 && std::all_of(numbers.begin(), numbers.end(), divides)) together *= 2;
  return together;
}

bool is_aligned(const void* memory, std::size_t bytes) { return reinterpret_cast<std::uintptr_t>(memory) % bytes == 0; }

void copy_dense(int device, void* to, const void* from, std::size_t bytes, const KernelArgs& args) {
  if (to == from || bytes == 0) return;
  cuda_backend()->copy(device, static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes, args.queue);
}

Move::Move(int device, std::size_t element_bytes, std::vector<MoveAxis> axes, std::int64_t from_offset)
    : device_(device), element_bytes_(element_bytes), axes_(merged(axes)), from_offset_(from_offset) {
  for (const MoveAxis& axis : axes_) count_ *= axis.size;
  if (count_ == 0) return;
  const MoveAxis inner = axes_.back();
  if (axes_.size() == 1 && inner.from == 1) return;  // one dense run
  const auto cross = std::find_if(axes_.begin(), axes_.end() - 1, [](const MoveAxis& a) { return a.from == 1; });
  if (inner.from > 1 && inner.size >= kTurned && cross != axes_.end() - 1 && cross->size >= kTurned)
    prepare_turn(static_cast<std::size_t>(cross - axes_.begin()));
  else
    prepare_copies();
}

void Move::prepare_copies() {
  one_ = copy_of(1);
  const MoveAxis inner = axes_.back();
  if (inner.from != 1) return;
  std::vector<std::int64_t> numbers{from_offset_, inner.size};
  for (std::size_t i = 0; i + 1 < axes_.size(); ++i) numbers.push_back(axes_[i].from);
  together_ = elements_together(element_bytes_, numbers);
  if (together_ > 1) wide_ = copy_of(together_);
}

Move::Copy Move::copy_of(std::size_t together) const {
  const auto each = static_cast<std::int64_t>(together);
  Copy copy;
  copy.function = move_function(device_, element_bytes_ * together, std::max(count_, reach_of(axes_)), "copy_strided");
  copy.parameters = {};
  copy.parameters.count = count_ / each;
  copy.parameters.rank = static_cast<long long>(axes_.size());
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const bool inner = i + 1 == axes_.size();
    copy.parameters.axes[i] = inner ? CopyAxis{divide_by(axes_[i].size / each), axes_[i].from}
                                    : CopyAxis{divide_by(axes_[i].size), axes_[i].from / each};
  }
  return copy;
}

void Move::prepare_turn(std::size_t cross) {
  turn_ = move_function(device_, element_bytes_, std::max(count_, reach_of(axes_)), "turn");
  std::vector<std::int64_t> to(axes_.size(), 1);
  for (std::size_t i = axes_.size() - 1; i-- > 0;) to[i] = to[i + 1] * axes_[i + 1].size;
  turned_ = {};
  turned_.inner = axes_.back().size;
  turned_.inner_from = axes_.back().from;
  turned_.cross = axes_[cross].size;
  turned_.cross_to = to[cross];
  const std::int64_t inner_squares = (turned_.inner + 31) / 32, cross_squares = (turned_.cross + 31) / 32;
  turned_.inner_squares = divide_by(inner_squares);
  turned_.cross_squares = divide_by(cross_squares);
  turned_.squares = inner_squares * cross_squares;
  for (std::size_t i = 0; i + 1 < axes_.size(); ++i) {
    if (i == cross) continue;
    turned_.axes[turned_.rank++] = {divide_by(axes_[i].size), axes_[i].from, to[i]};
    turned_.squares *= axes_[i].size;
  }
}

void Move::run(const void* from, void* to, const KernelArgs& args) const {
  if (count_ == 0) return;
  const auto* first = static_cast<const std::byte*>(from) + from_offset_ * static_cast<std::int64_t>(element_bytes_);
  if (turn_) {
    TurnParameters p = turned_;
    p.from = first;
    p.to = to;
    Grid grid = grid_for(p.squares * 256);
    return launch(device_, turn_, grid, p, args);
  }
  if (!one_.function) return copy_dense(device_, to, first, static_cast<std::size_t>(count_) * element_bytes_, args);
  const std::size_t bytes = element_bytes_ * together_;
  const Copy& copy = wide_.function && is_aligned(first, bytes) && is_aligned(to, bytes) ? wide_ : one_;
  CopyParameters p = copy.parameters;
  p.from = first;
  p.to = to;
  launch(device_, copy.function, grid_for(p.count), p, args);
}

Join::Join(int device, std::span<const ValueType> parts, Dim axis)
    : device_(device), element_bytes_(size_of(parts[0].dtype)), outer_(view_of(parts[0].shape, axis).outer) {
  for (const ValueType& part : parts) {
    const AxisView view = view_of(part.shape, axis);
    widths_.push_back(view.size * view.inner);
    row_ += widths_.back();
  }
  one_ = functions_of(1);
  together_ = elements_together(element_bytes_, widths_);
  if (together_ > 1) wide_ = functions_of(together_);
}

Join::Functions Join::functions_of(std::size_t together) const {
  const std::size_t bytes = element_bytes_ * together;
  return {move_function(device_, bytes, outer_ * row_, "join_parts"),
          move_function(device_, bytes, outer_ * row_, "split_parts")};
}

Join::Parameters Join::group_of(std::size_t first, std::size_t end, std::int64_t together) const {
  Parameters p = {};
  for (std::size_t i = 0; i < first; ++i) p.first += widths_[i] / together;
  for (std::size_t i = first; i < end; ++i) p.begin[i - first + 1] = p.begin[i - first] + widths_[i] / together;
  const long long width = p.begin[end - first];
  p.width = divide_by(width);
  p.row = row_ / together;
  p.count = outer_ * width;
  return p;
}

void Join::run(bool joins, const void* joined, const void* const* parts, const KernelArgs& args) const {
  const std::size_t bytes = element_bytes_ * together_;
  bool wide = together_ > 1 && is_aligned(joined, bytes);
  for (std::size_t i = 0; i < widths_.size(); ++i) wide = wide && is_aligned(parts[i], bytes);
  const Functions& functions = wide ? wide_ : one_;
  for (std::size_t first = 0; first < widths_.size(); first += kParts) {
    const std::size_t end = std::min(first + kParts, widths_.size());
    Parameters p = group_of(first, end, wide ? static_cast<std::int64_t>(together_) : 1);
    if (p.count == 0) continue;
    p.joined = const_cast<void*>(joined);
    for (std::size_t i = first; i < end; ++i) p.parts[i - first] = const_cast<void*>(parts[i]);
    launch(device_, joins ? functions.join : functions.split, grid_for(p.count), p, args);
  }
}

void Join::join(const void* const* parts, void* joined, const KernelArgs& args) const {
  run(true, joined, parts, args);
}
void Join::split(const void* joined, void* const* parts, const KernelArgs& args) const {
  run(false, joined, const_cast<const void* const*>(parts), args);
}

Fill::Fill(int device, std::size_t element_bytes, std::int64_t count, std::uint64_t pattern)
    : device_(device), bytes_(element_bytes * static_cast<std::size_t>(count)), pattern_(pattern) {
  if (bytes_ == 0 || pattern_ == 0) return;
  together_ = elements_together(element_bytes, std::array{count});
  unit_ = element_bytes;
  one_ = move_function(device, unit_, count, "fill");
  if (together_ > 1) wide_ = move_function(device, unit_ * together_, count, "fill");
}

void Fill::run(void* to, const KernelArgs& args) const {
  struct Parameters {
    void* to;
    std::uint64_t fill;
    long long count;
  };
  if (bytes_ == 0) return;
  if (pattern_ == 0) return cuda_backend()->fill_zero(device_, static_cast<std::byte*>(to), bytes_, args.queue);
  const bool wide = together_ > 1 && is_aligned(to, unit_ * together_);
  const auto count = static_cast<long long>(bytes_ / (wide ? unit_ * together_ : unit_));
  launch(device_, wide ? wide_ : one_, grid_for(count), Parameters{to, pattern_, count}, args);
}

}  // namespace kerata::cuda
