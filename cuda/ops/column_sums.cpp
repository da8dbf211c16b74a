#include "cuda/ops/column_sums.h"

#include <algorithm>

namespace kerata::cuda {
namespace {

constexpr std::int64_t kBusy = 264;  // blocks that keep a GPU of 132 multiprocessors at work
constexpr std::int64_t kLeastBand = 128;

}  // namespace

ColumnSums::ColumnSums(int device, DType dtype, std::int64_t rows, std::int64_t columns) : device_(device) {
  if (columns == 0) return;
  const DType sum = dtype == DType::float64 ? DType::float64 : DType::float32;
  const std::int64_t blocks = (columns + 31) / 32;
  std::int64_t bands = std::clamp<std::int64_t>(std::min(kBusy / blocks, rows / kLeastBand), 1, 256);
  const std::int64_t band = (rows + bands - 1) / bands;
  bands = band ? (rows + band - 1) / band : 1;
  auto add = [&](DType from, DType to, const Parameters& parameters) {
    const std::string text = indexing(std::max(rows, bands) * columns) + typed("T", from) + typed("R", to) +
                             typed("Sum", sum) + kernel_text("column_sums.cuh");
    passes_.push_back({function_of(device, {text, "column_sums", {}}), parameters});
  };
  add(dtype, bands > 1 ? sum : dtype, {nullptr, nullptr, rows, columns, bands, band});
  if (bands == 1) return;
  add(sum, dtype, {nullptr, nullptr, bands, columns, 1, bands});
  workspace_bytes = static_cast<std::size_t>(bands * columns) * size_of(sum);
}

void ColumnSums::run(const void* x, void* out, void* workspace, const KernelArgs& args) const {
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    Parameters p = passes_[i].parameters;
    p.x = i == 0 ? x : workspace;
    p.out = i + 1 == passes_.size() ? out : workspace;
    const Grid grid{static_cast<unsigned>((p.columns + 31) / 32), 1, static_cast<unsigned>(p.bands), 256};
    launch(device_, passes_[i].function, grid, p, args);
  }
}

}  // namespace kerata::cuda
