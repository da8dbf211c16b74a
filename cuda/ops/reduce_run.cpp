#include "cuda/ops/reduce_run.h"

#include <algorithm>
#include <bit>

#include "core/require.h"

namespace kerata::cuda {
namespace {

constexpr std::int64_t kThreads = 256, kManyBlocks = 512, kMostPieces = 1024;
constexpr std::int64_t kManyColumns = 32768;  // a thread for each

// Pieces are cut only where there are too few rows or columns to keep a GPU busy.
std::int64_t piece_of(const ReduceStage& s) {
  if (s.inner == 1) {
    constexpr std::int64_t kLeast = 4096;
    if (s.outer >= kManyBlocks || s.count < 2 * kLeast) return std::max<std::int64_t>(1, s.count);
    const std::int64_t pieces = std::min(s.count / kLeast, std::max<std::int64_t>(2, kMostPieces / s.outer));
    return ((s.count + pieces - 1) / pieces + kThreads - 1) / kThreads * kThreads;
  }
  if (s.outer * s.inner >= kManyColumns) return std::max<std::int64_t>(1, s.count);
  constexpr std::int64_t kLeast = 64;
  const std::int64_t tasks = s.outer * ((s.inner + 31) / 32);
  if (tasks >= kManyBlocks || s.count < 2 * kLeast) return std::max<std::int64_t>(1, s.count);
  const std::int64_t pieces = std::min(s.count / kLeast, std::max<std::int64_t>(2, kMostPieces / tasks));
  return (s.count + pieces - 1) / pieces;
}

std::int64_t pieces_of(const ReduceStage& s) {
  return std::max<std::int64_t>(1, (s.count + piece_of(s) - 1) / piece_of(s));
}

// Threads for a row: four elements each, up to a warp; a block for long rows.
int lanes_for(std::int64_t piece) {
  if (piece > 2048) return kThreads;
  const auto quads = static_cast<std::uint64_t>(std::max<std::int64_t>(1, (piece + 3) / 4));
  return static_cast<int>(std::min<std::uint64_t>(32, std::bit_ceil(quads)));
}

// Few columns and many rows: narrow tiles, many slices.
int width_for(std::int64_t inner, std::int64_t piece) {
  auto width = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(std::min(inner, kThreads))));
  while (width > 32 && piece > 4 * kThreads / width) width /= 2;
  return static_cast<int>(width);
}

Grid blocks(std::int64_t count) { return grid_for(count * kThreads); }

}  // namespace

std::string reduce_text() {
  return kernel_text("elementwise.cuh") + kernel_text("blocks.cuh") + kernel_text("reduce_parameters.cuh") +
         kernel_text("reduce.cuh");
}

ReduceRun::ReduceRun(int device, const ReduceOp& op, const std::vector<ReduceStage>& stages, double divisor)
    : device_(device), op_(op), divisor_(divisor) {
  text_ = reduce_text() + "typedef " + op.op + " ReduceOp;\n";
  Place from;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const bool last = i + 1 == stages.size();
    const Place to =
        last ? Place{Place::output, 0} : Place{Place::scratch, take_scratch(stages[i].outer * stages[i].inner)};
    add_stage(stages[i], from, to, i == 0, last);
    from = to;
  }
}

std::size_t ReduceRun::take_scratch(std::int64_t count) {
  const std::size_t at = workspace_bytes_;
  workspace_bytes_ += (static_cast<std::size_t>(count) * op_.partial_bytes + 255) / 256 * 256;
  return at;
}

void ReduceRun::add_stage(const ReduceStage& stage, Place from, Place to, bool first, bool last) {
  ReduceStage part = stage;
  part.block = piece_of(stage);
  part.blocks = pieces_of(stage);
  if (part.blocks == 1) return add(part, from, to, first, last);
  const Place between{Place::scratch, take_scratch(stage.outer * part.blocks * stage.inner)};
  add(part, from, between, first, false);
  ReduceStage join = stage_of(stage.outer, part.blocks, stage.inner);
  join.block = join.count;
  add(join, between, to, false, last);
}

// Elements are read first, partial results then; what is written last are results.
KernelFunction ReduceRun::function_for(const char* kernel, bool first, bool last) const {
  const std::string types =
      join_text("ReduceOp, ", first ? op_.in : "ReduceOp::Acc", ", ", last ? op_.out : "ReduceOp::Acc");
  const char* parameters = std::string_view(kernel) == "reduce_rows" ? "RowsParameters" : "ColumnsParameters";
  return function_of(device_, {text_ + kernel_entry("reduce", parameters, kernel, types), "reduce", {}});
}

void ReduceRun::add(const ReduceStage& part, Place from, Place to, bool first, bool last) {
  Launch made;
  made.from = from;
  made.to = to;
  made.is_rows = part.inner == 1;
  const int divides = last && divisor_ != 1;
  if (made.is_rows) {
    const int lanes = lanes_for(part.block);
    const std::size_t element = first ? op_.in_bytes : op_.partial_bytes;
    made.function = function_for("reduce_rows", first, last);
    made.alignment = part.count % 4 == 0 && part.block % 4 == 0 ? 4 * element : 0;
    made.rows = {nullptr, nullptr, part.outer, part.count, part.blocks, part.block, divisor_, lanes, 0, divides};
    made.grid = blocks((part.outer * part.blocks * lanes + kThreads - 1) / kThreads);
  } else {
    const bool by_thread = part.outer * part.inner >= kManyColumns;
    const int width = width_for(part.inner, part.block);
    made.function = function_for(by_thread ? "reduce_threads" : "reduce_columns", first, last);
    made.columns = {nullptr,     nullptr,    part.outer, part.count, part.inner,
                    part.blocks, part.block, divisor_,   width,      divides};
    made.grid = by_thread ? grid_for(part.outer * part.inner)
                          : blocks(part.outer * part.blocks * ((part.inner + width - 1) / width));
  }
  launches_.push_back(made);
}

void ReduceRun::run(const void* x, void* out, void* workspace, const KernelArgs& args) const {
  auto memory = [&](const Place& place) -> void* {
    if (place.kind == Place::input) return const_cast<void*>(x);
    return place.kind == Place::output ? out : static_cast<std::byte*>(workspace) + place.offset;
  };
  for (const Launch& made : launches_) {
    if (made.is_rows) {
      RowsParameters p = made.rows;
      p.x = memory(made.from);
      p.out = memory(made.to);
      p.aligned = made.alignment && reinterpret_cast<std::uintptr_t>(p.x) % made.alignment == 0;
      launch(device_, made.function, made.grid, p, args);
    } else {
      ColumnsParameters p = made.columns;
      p.x = memory(made.from);
      p.out = memory(made.to);
      launch(device_, made.function, made.grid, p, args);
    }
  }
}

}  // namespace kerata::cuda
