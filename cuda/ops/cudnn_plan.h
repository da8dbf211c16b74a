// What cuDNN is asked for one convolution, and the engine that it gives.
#pragma once

#include <compare>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "cuda/driver/cudnn_descriptor.h"
#include "cuda/ops/conv.h"

namespace kerata::cuda {

/// Images and results lie as (N, H, W, C), kernels as (filters, kh, kw, depth), memory of all is kCudnnAlignment
/// aligned.
struct CudnnConvolution {
  DType dtype = DType::float32;  // float32, float16 or bfloat16; sums are float32
  ConvPass pass = ConvPass::forward;
  WindowShape shape = {};
  bool has_bias = false, has_relu = false;  // forward only
  auto operator<=>(const CudnnConvolution&) const = default;
};
inline constexpr std::size_t kCudnnAlignment = 16;
/// More workspace is refused, whatever it would be good for: 256 MiB and copies of images and results, which the fast
/// engines of float32 turn to (N, C, H, W).
std::size_t most_cudnn_workspace(const CudnnConvolution& convolution);

/// How the tensors are called.
struct CudnnTensor {
  static constexpr std::int64_t images = 1, filters = 2, results = 3, bias = 4, sums = 5, shifted = 6;
};

/// A GPU: by a handle, or by the properties of one that is not there (in tests).
struct CudnnTarget {
  cudnnHandle_t handle = nullptr;
  const CudnnDescriptor* properties = nullptr;
};

/// The operations, from memory to memory.
class CudnnGraph {
 public:
  CudnnGraph(const CudnnConvolution& convolution, const CudnnTarget& target);
  /// CUDNN_STATUS_SUCCESS, or why cuDNN refused a part.
  cudnnStatus_t status() const;
  const CudnnDescriptor& operations() const { return parts_.back(); }

 private:
  class Maker;
  std::deque<CudnnDescriptor> parts_;
};

/// What an execution reads and writes; null where there is none.
struct CudnnMemory {
  void *images, *filters, *results, *bias = nullptr, *workspace = nullptr;
  /// As cuDNN takes it; its status says whether it does.
  CudnnDescriptor pack() const;
};

class CudnnPlan {
 public:
  CudnnPlan(std::unique_ptr<const CudnnGraph> graph, CudnnDescriptor config, CudnnDescriptor engine,
            CudnnDescriptor plan, std::vector<cudnnBackendNumericalNote_t> notes, std::size_t workspace_bytes);
  /// The first that cuDNN's heuristics advise, that its engine can be prepared for and that may be used: deterministic
  /// where that is asked for, without TF32 unless that is allowed. Null when there is none.
  static std::unique_ptr<const CudnnPlan> find(const CudnnConvolution& convolution, const CudnnTarget& target);

  /// Gives the work to the queue; from any thread.
  void run(CudnnHandle& handle, const CudnnMemory& memory, cudaStream_t queue) const;
  std::size_t workspace_bytes() const { return workspace_bytes_; }
  const std::vector<cudnnBackendNumericalNote_t>& notes() const { return notes_; }

 private:
  std::unique_ptr<const CudnnGraph> graph_;
  CudnnDescriptor config_, engine_, plan_;
  std::vector<cudnnBackendNumericalNote_t> notes_;
  std::size_t workspace_bytes_;
};

}  // namespace kerata::cuda
