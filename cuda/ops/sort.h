// Sort: the order of rows of numbers, for argsort, top_k, and for adding by index in a fixed order.
#pragma once

#include <vector>

#include "cuda/ops/sources.h"

namespace kerata::cuda {

/// Rows lie along the axis of a view (outer, size, inner), one for each (outer, inner).
class Sort {
 public:
  struct Options {
    bool descends = false;
    std::int64_t kept = -1;   // of each row, the first; all when negative
    std::int64_t limit = -1;  // x are indices below limit (or negative, from the end), else numbers
  };
  Sort(int device, DType dtype, const AxisView& view, const Options& options);

  std::size_t workspace_bytes() const { return passes_.size() > 1 ? 2 * item_bytes_ * elements_ : 0; }
  /// order (outer, kept, inner): places along the axis; values: the elements there, or null. With a limit: order and
  /// keys are (outer, inner, size), and keys holds the rows, `limit` for those out of range, which are reported.
  struct Results {
    int* order = nullptr;
    void* values = nullptr;
    unsigned* keys = nullptr;
  };
  void run(const void* x, const Results& results, void* workspace, const KernelArgs& args) const;

 private:
  struct Parameters {
    const void* x;
    void* values;
    int* order;
    void* keys;
    KernelStatus* status;
    const void* from;
    void* to;
    long long size, kept, limit, run, chunks;
    Divide inner, chunks_of_row;
    int width, is_last, descends;
  };
  struct Pass {
    KernelFunction function;
    Parameters parameters;
    Grid grid;
  };
  void add_tiles(const KernelFunction& function);
  void add_merges(const KernelFunction& function);

  int device_;
  std::size_t item_bytes_, elements_;
  std::int64_t rows_;
  Parameters common_ = {};
  std::vector<Pass> passes_;
};

}  // namespace kerata::cuda
