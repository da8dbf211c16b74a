// CudnnLstm: cuDNN's LSTM for one request. In memory values are steps first, (steps, batch, width).
#pragma once

#include <compare>
#include <memory>

#include "backend/device_backend.h"
#include "cuda/driver/cudnn.h"
#include "cuda/runtime/context.h"
#include "kerata/core/dtype.h"

namespace kerata::cuda {

struct CudnnLstmRequest {
  DType dtype = DType::float32;  // float64 or a type whose sums are float32
  std::int64_t batch = 0, steps = 0, features = 0, units = 0;
  bool goes_back = false;  // gradients follow
  auto operator<=>(const CudnnLstmRequest&) const = default;
};

/// A descriptor of cuDNN's, destroyed with this; null where it cannot be made.
template <class T>
class CudnnOwned {
 public:
  CudnnOwned(cudnnStatus_t (*create)(T**), cudnnStatus_t (*destroy)(T*)) : destroy_(destroy) {
    if (create(&made_) != CUDNN_STATUS_SUCCESS) made_ = nullptr;
  }
  ~CudnnOwned() {
    if (made_) destroy_(made_);
  }
  CudnnOwned(const CudnnOwned&) = delete;
  CudnnOwned& operator=(const CudnnOwned&) = delete;
  T* get() const { return made_; }

 private:
  cudnnStatus_t (*destroy_)(T*);
  T* made_ = nullptr;
};

/// What the way forward reads and writes; no reserve where nothing goes back.
struct CudnnLstmForward {
  const void *x, *h0, *c0, *weights;
  void *y, *h, *c, *workspace, *reserve;
};
/// dh and dc may be null: zeros. Gradients of the weights are added to `dweights`.
struct CudnnLstmBackward {
  const void *x, *h0, *c0, *weights, *y, *dy, *dh, *dc;
  void *dx, *dh0, *dc0, *dweights, *workspace, *reserve;
};

class CudnnLstm {
 public:
  /// By the first algorithm that cuDNN takes, persistent ones first where PyTorch has found them to be faster; kept
  /// until the process ends. Null where cuDNN declines. What cuDNN takes and does not run after all, it says only then:
  /// persistent algorithms run once here.
  static std::shared_ptr<const CudnnLstm> find(const Context& gpu, CudnnHandle& handle,
                                               const CudnnLstmRequest& request);
  CudnnLstm(cudnnHandle_t handle, const CudnnLstmRequest& request, cudnnRNNAlgo_t algorithm);

  /// Give their work to the queue; from any thread.
  void forward(CudnnHandle& handle, const CudnnLstmForward& memory, cudaStream_t queue) const;
  void backward(CudnnHandle& handle, const CudnnLstmBackward& memory, cudaStream_t queue) const;

  /// Where in the space of all weights those of the four gates begin, in bytes; gates follow each other as i, f, c, o,
  /// matrices as (units, features) and (units, units). The bias of the recurrent product must be 0.
  struct Weights {
    std::size_t bytes = 0, kernel = 0, recurrent = 0, bias = 0, recurrent_bias = 0;
  };
  const Weights& weights() const { return weights_; }
  std::size_t workspace_bytes() const { return workspace_bytes_; }
  std::size_t reserve_bytes() const { return reserve_bytes_; }
  cudnnRNNAlgo_t algorithm() const { return algorithm_; }
  /// Whether cuDNN takes the description; needs no GPU.
  bool is_described() const { return is_described_; }
  /// Whether it takes the request by this algorithm.
  bool is_usable() const { return is_usable_; }

 private:
  bool describe() const;
  bool runs(int device, CudnnHandle& handle) const;
  bool measure(cudnnHandle_t handle);
  bool place_weights(cudnnHandle_t handle);

  CudnnLstmRequest request_;
  cudnnRNNAlgo_t algorithm_;
  CudnnOwned<cudnnRNNStruct> rnn_;
  CudnnOwned<cudnnRNNDataStruct> x_, y_;
  CudnnOwned<cudnnTensorStruct> state_;
  Weights weights_;
  std::size_t workspace_bytes_ = 0, reserve_bytes_ = 0;
  bool is_described_, is_usable_;
};

}  // namespace kerata::cuda
