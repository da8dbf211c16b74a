// ReduceRun: one reduction as launches of the kernels of reduce.cuh.
#pragma once

#include <vector>

#include "cuda/kernels/reduce_parameters.cuh"
#include "cuda/runtime/launch.h"
#include "ops/reduce_stages.h"

namespace kerata::cuda {

/// What is compiled for a reduction: an Op of reduce.cuh, the type of the elements, of the results, and the bytes of a
/// partial result.
struct ReduceOp {
  std::string op;  // "Sum<float>"
  std::string in, out;
  std::size_t in_bytes = 4, partial_bytes = 4;
};

class ReduceRun {
 public:
  /// `mean`: results are divided by the number of elements.
  ReduceRun(int device, const ReduceOp& op, const std::vector<ReduceStage>& stages, double divisor = 1);
  std::size_t workspace_bytes() const { return workspace_bytes_; }
  void run(const void* x, void* out, void* workspace, const KernelArgs& args) const;

 private:
  // Where a launch reads and writes: the arguments, or a place in the workspace.
  struct Place {
    enum Kind { input, output, scratch } kind = input;
    std::size_t offset = 0;
  };
  struct Launch {
    KernelFunction function;
    Grid grid;
    bool is_rows = false;
    RowsParameters rows{};
    ColumnsParameters columns{};
    Place from, to;
    std::size_t alignment = 1;
  };
  void add_stage(const ReduceStage& stage, Place from, Place to, bool first, bool last);
  void add(const ReduceStage& part, Place from, Place to, bool first, bool last);
  KernelFunction function_for(const char* kernel, bool first, bool last) const;
  std::size_t take_scratch(std::int64_t count);

  int device_;
  ReduceOp op_;
  std::string text_;
  double divisor_;
  std::vector<Launch> launches_;
  std::size_t workspace_bytes_ = 0;
};

/// (outer, count, inner) -> (outer, inner) as one stage.
inline ReduceStage stage_of(std::int64_t outer, std::int64_t count, std::int64_t inner) {
  ReduceStage stage;
  stage.outer = outer, stage.count = count, stage.inner = inner;
  return stage;
}

/// The texts that reduce.cuh needs, and itself.
std::string reduce_text();

}  // namespace kerata::cuda
