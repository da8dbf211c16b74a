// ColumnSums: (rows, columns) summed over its rows, the same way in every run.
#pragma once

#include <vector>

#include "cuda/ops/sources.h"

namespace kerata::cuda {

class ColumnSums {
 public:
  ColumnSums() = default;
  /// Of a floating type.
  ColumnSums(int device, DType dtype, std::int64_t rows, std::int64_t columns);
  void run(const void* x, void* out, void* workspace, const KernelArgs& args) const;
  std::size_t workspace_bytes = 0;

 private:
  struct Parameters {
    const void* x;
    void* out;
    long long rows, columns, bands, band;
  };
  struct Pass {
    KernelFunction function;
    Parameters parameters;
  };
  int device_ = 0;
  std::vector<Pass> passes_;
};

}  // namespace kerata::cuda
