#include "cuda/ops/sort.h"

#include <algorithm>
#include <bit>

namespace kerata::cuda {
namespace {

constexpr std::int64_t kTile = 1024, kMerged = 8;  // as in sort.cuh and merge.cuh

}  // namespace

Sort::Sort(int device, DType dtype, const AxisView& view, const Options& options)
    : device_(device), rows_(view.outer * view.inner) {
  const bool of_rows = options.limit >= 0, large = size_of(dtype) == 8 && !of_rows;
  item_bytes_ = large ? 16 : 8;
  elements_ = static_cast<std::size_t>(rows_ * view.size);
  common_.size = view.size;
  common_.kept = options.kept < 0 ? view.size : options.kept;
  common_.limit = options.limit;
  common_.inner = divide_by(view.inner);
  common_.descends = options.descends ? 1 : 0;
  if (elements_ == 0 || common_.kept == 0) return;
  std::string text = indexing(static_cast<std::int64_t>(elements_) + kTile) + typed("X", dtype) +
                     sized("Key", large ? 8 : 4) + (of_rows ? "#define KERATA_SORT_ROWS\n" : "") +
                     kernel_text("sort.cuh");
  add_tiles(function_of(device, {text, "sort_tiles", {}}));
  if (view.size > kTile) add_merges(function_of(device, {text + kernel_text("merge.cuh"), "merge_runs", {}}));
}

void Sort::add_tiles(const KernelFunction& function) {
  Parameters p = common_;
  p.width = static_cast<int>(std::min<std::uint64_t>(kTile, std::bit_ceil(static_cast<std::uint64_t>(p.size))));
  const std::int64_t chunks_of_row = (p.size + p.width - 1) / p.width;
  p.chunks_of_row = divide_by(chunks_of_row);
  p.chunks = rows_ * chunks_of_row;
  p.is_last = chunks_of_row == 1 ? 1 : 0;
  const std::int64_t blocks = (p.chunks * p.width + kTile - 1) / kTile;
  passes_.push_back({function, p, grid_for(blocks * 256)});
}

void Sort::add_merges(const KernelFunction& function) {
  for (std::int64_t run = kTile; run < common_.size; run *= 2) {
    Parameters p = common_;
    p.run = run;
    const std::int64_t chunks_of_row = (p.size + kMerged - 1) / kMerged;
    p.chunks_of_row = divide_by(chunks_of_row);
    p.chunks = rows_ * chunks_of_row;
    p.is_last = 2 * run >= p.size ? 1 : 0;
    passes_.push_back({function, p, grid_for(p.chunks)});
  }
}

void Sort::run(const void* x, const Results& results, void* workspace, const KernelArgs& args) const {
  auto* items = static_cast<std::byte*>(workspace);
  const std::size_t half = item_bytes_ * elements_;
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    Parameters p = passes_[i].parameters;
    p.x = x;
    p.values = results.values;
    p.order = results.order;
    p.keys = results.keys;
    p.status = args.status;
    p.from = i == 0 ? nullptr : items + (i % 2 ? 0 : half);
    p.to = p.is_last ? nullptr : items + (i % 2 ? half : 0);
    launch(device_, passes_[i].function, passes_[i].grid, p, args);
  }
}

}  // namespace kerata::cuda
