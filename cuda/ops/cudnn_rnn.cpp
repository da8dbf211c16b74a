#include "cuda/ops/cudnn_rnn.h"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "backend/buffer.h"
#include "backend/tensor_float_32.h"
#include "cuda/runtime/recording.h"

namespace kerata::cuda {
namespace {

cudnnMathType_t math_type(DType dtype) {
  if (dtype == DType::float64) return CUDNN_DEFAULT_MATH;
  if (dtype != DType::float32) return CUDNN_TENSOR_OP_MATH;
  return tensor_float_32() ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
}

int to_int(std::int64_t size) { return static_cast<int>(size); }

// Best first. The limits are those of PyTorch (aten/src/ATen/native/cudnn/RNN.cpp), where the way forward and the way
// back agree; both must be by one algorithm.
std::vector<cudnnRNNAlgo_t> algorithms_for(const CudnnLstmRequest& r, const Context& gpu) {
  std::vector<cudnnRNNAlgo_t> algorithms;
  if (r.dtype != DType::float64 && r.units <= (r.goes_back ? 128 : 192))
    algorithms.push_back(CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);
  const bool is_large_gpu = gpu.capability >= 80 && gpu.capability != 86 && gpu.processors >= 98;
  const bool are_tiles = r.units % 128 == 0 && r.features % 128 == 0 && r.batch % 8 == 0;
  if (r.dtype == DType::float16 && is_large_gpu && are_tiles && r.units <= 1024 && r.batch <= 128)
    algorithms.push_back(CUDNN_RNN_ALGO_PERSIST_STATIC);
  algorithms.push_back(CUDNN_RNN_ALGO_STANDARD);
  return algorithms;
}

}  // namespace

std::shared_ptr<const CudnnLstm> CudnnLstm::find(const Context& gpu, CudnnHandle& handle,
                                                 const CudnnLstmRequest& request) {
  static std::mutex mutex;
  static auto* kept = new std::map<std::tuple<int, bool, CudnnLstmRequest>, std::shared_ptr<const CudnnLstm>>;
  const std::lock_guard lock(mutex);
  const auto [place, added] = kept->emplace(std::tuple{gpu.index, tensor_float_32(), request}, nullptr);
  if (!added) return place->second;
  for (const cudnnRNNAlgo_t algorithm : algorithms_for(request, gpu)) {
    const auto made = [&] {
      const std::lock_guard alone(handle.mutex);
      return std::make_shared<const CudnnLstm>(handle.handle, request, algorithm);
    }();
    if (!made->is_usable()) continue;
    if (algorithm == CUDNN_RNN_ALGO_STANDARD || made->runs(gpu.index, handle)) return place->second = made;
  }
  return nullptr;
}

// Forward, and back, on zeros: at once, and into a recording.
bool CudnnLstm::runs(int device, CudnnHandle& handle) const {
  const CudnnLstmRequest& r = request_;
  const auto bytes = [&](std::int64_t elements) {
    return aligned(static_cast<std::size_t>(elements) * size_of(r.dtype));
  };
  const std::size_t x = bytes(r.batch * r.steps * r.features), y = bytes(r.batch * r.steps * r.units),
                    state = bytes(r.batch * r.units), weights = aligned(weights_.bytes);
  const std::size_t all = 2 * (x + y + weights) + 6 * state + aligned(workspace_bytes_) + aligned(reserve_bytes_);
  DeviceBackend& backend = *cuda_backend();
  const Queue queue = backend.main_queue(device);
  try {
    const BufferPtr memory = allocate(all, Device::cuda(device));
    backend.fill_zero(device, memory->data(), all, queue);
    std::byte* next = memory->data();
    const auto take = [&](std::size_t size) { return std::exchange(next, next + size); };
    std::byte *at_x = take(x), *at_dx = take(x), *at_y = take(y), *at_dy = take(y), *at_weights = take(weights),
              *at_dweights = take(weights), *h0 = take(state), *c0 = take(state), *h = take(state), *c = take(state),
              *dh0 = take(state), *dc0 = take(state), *workspace = take(aligned(workspace_bytes_));
    std::byte* reserve = r.goes_back ? next : nullptr;
    const auto there_and_back = [&](CUstream to) {
      forward(handle, {at_x, h0, c0, at_weights, at_y, h, c, workspace, reserve}, to);
      if (r.goes_back)
        backward(
            handle,
            {at_x, h0, c0, at_weights, at_y, at_dy, nullptr, nullptr, at_dx, dh0, dc0, at_dweights, workspace, reserve},
            to);
    };
    there_and_back(stream_of(device, queue));
    backend.wait(device, queue);
    return can_be_recorded(device, there_and_back);
  } catch (const BackendError&) {
    return false;
  }
}

CudnnLstm::CudnnLstm(cudnnHandle_t handle, const CudnnLstmRequest& request, cudnnRNNAlgo_t algorithm)
    : request_(request),
      algorithm_(algorithm),
      rnn_(cudnn().cudnnCreateRNNDescriptor, cudnn().cudnnDestroyRNNDescriptor),
      x_(cudnn().cudnnCreateRNNDataDescriptor, cudnn().cudnnDestroyRNNDataDescriptor),
      y_(cudnn().cudnnCreateRNNDataDescriptor, cudnn().cudnnDestroyRNNDataDescriptor),
      state_(cudnn().cudnnCreateTensorDescriptor, cudnn().cudnnDestroyTensorDescriptor),
      is_described_(describe()),
      is_usable_(is_described_ && measure(handle) && place_weights(handle)) {}

bool CudnnLstm::describe() const {
  if (!rnn_.get() || !x_.get() || !y_.get() || !state_.get()) return false;
  const CudnnLstmRequest& r = request_;
  const cudnnDataType_t type = cudnn_type(r.dtype);
  const cudnnDataType_t computed = r.dtype == DType::float64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;
  const int batch = to_int(r.batch), steps = to_int(r.steps), features = to_int(r.features), units = to_int(r.units);
  const std::vector<int> lengths(static_cast<std::size_t>(r.batch), steps);
  auto describe_steps = [&](cudnnRNNDataDescriptor_t values, int width) {
    return cudnn().cudnnSetRNNDataDescriptor(values, type, CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED, steps, batch,
                                             width, lengths.data(), nullptr);
  };
  const int sizes[] = {1, batch, units}, strides[] = {batch * units, units, 1};
  const cudnnStatus_t told[] = {
      // Persistent algorithms want both biases.
      cudnn().cudnnSetRNNDescriptor_v8(rnn_.get(), algorithm_, CUDNN_LSTM, CUDNN_RNN_DOUBLE_BIAS, CUDNN_UNIDIRECTIONAL,
                                       CUDNN_LINEAR_INPUT, type, computed, math_type(r.dtype), features, units, units,
                                       1, nullptr, CUDNN_RNN_PADDED_IO_ENABLED),
      describe_steps(x_.get(), features), describe_steps(y_.get(), units),
      cudnn().cudnnSetTensorNdDescriptor(state_.get(), type, 3, sizes, strides)};
  for (const cudnnStatus_t status : told)
    if (status != CUDNN_STATUS_SUCCESS) return false;
  return true;
}

bool CudnnLstm::measure(cudnnHandle_t handle) {
  const cudnnForwardMode_t mode = request_.goes_back ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE;
  const bool is_measured =
      cudnn().cudnnGetRNNTempSpaceSizes(handle, rnn_.get(), mode, x_.get(), &workspace_bytes_, &reserve_bytes_) ==
          CUDNN_STATUS_SUCCESS &&
      cudnn().cudnnGetRNNWeightSpaceSize(handle, rnn_.get(), &weights_.bytes) == CUDNN_STATUS_SUCCESS;
  if (!request_.goes_back) reserve_bytes_ = 0;
  return is_measured;
}

bool CudnnLstm::place_weights(cudnnHandle_t handle) {
  const CudnnOwned<cudnnTensorStruct> matrix(cudnn().cudnnCreateTensorDescriptor, cudnn().cudnnDestroyTensorDescriptor),
      bias(cudnn().cudnnCreateTensorDescriptor, cudnn().cudnnDestroyTensorDescriptor);
  auto* space = reinterpret_cast<std::byte*>(std::uintptr_t{1} << 20);  // only counted from
  const std::size_t element = size_of(request_.dtype), units = static_cast<std::size_t>(request_.units);
  for (int gate = 0; gate < 8; ++gate) {
    void *matrix_at = nullptr, *bias_at = nullptr;
    if (cudnn().cudnnGetRNNWeightParams(handle, rnn_.get(), 0, weights_.bytes, space, gate, matrix.get(), &matrix_at,
                                        bias.get(), &bias_at) != CUDNN_STATUS_SUCCESS ||
        !matrix_at || !bias_at)
      return false;
    const bool is_recurrent = gate >= 4;
    const std::size_t in_front = static_cast<std::size_t>(gate % 4) * units * element;
    const std::size_t width = is_recurrent ? units : static_cast<std::size_t>(request_.features);
    std::size_t& matrices = is_recurrent ? weights_.recurrent : weights_.kernel;
    std::size_t& biases = is_recurrent ? weights_.recurrent_bias : weights_.bias;
    const auto found = static_cast<std::size_t>(static_cast<std::byte*>(matrix_at) - space);
    const auto found_bias = static_cast<std::size_t>(static_cast<std::byte*>(bias_at) - space);
    if (in_front == 0) matrices = found, biases = found_bias;
    if (found != matrices + in_front * width || found_bias != biases + in_front) return false;
  }
  return true;
}

void CudnnLstm::forward(CudnnHandle& handle, const CudnnLstmForward& m, cudaStream_t queue) const {
  const cudnnForwardMode_t mode = request_.goes_back ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE;
  const std::lock_guard lock(handle.mutex);
  check(cudnn().cudnnSetStream(handle.handle, queue), "cudnnSetStream");
  check(cudnn().cudnnRNNForward(handle.handle, rnn_.get(), mode, nullptr, x_.get(), m.x, y_.get(), m.y, state_.get(),
                                m.h0, m.h, state_.get(), m.c0, m.c, weights_.bytes, m.weights, workspace_bytes_,
                                m.workspace, reserve_bytes_, m.reserve),
        "cudnnRNNForward");
}

void CudnnLstm::backward(CudnnHandle& handle, const CudnnLstmBackward& m, cudaStream_t queue) const {
  const std::lock_guard lock(handle.mutex);
  check(cudnn().cudnnSetStream(handle.handle, queue), "cudnnSetStream");
  check(
      cudnn().cudnnRNNBackwardData_v8(handle.handle, rnn_.get(), nullptr, y_.get(), m.y, m.dy, x_.get(), m.dx,
                                      state_.get(), m.h0, m.dh, m.dh0, state_.get(), m.c0, m.dc, m.dc0, weights_.bytes,
                                      m.weights, workspace_bytes_, m.workspace, reserve_bytes_, m.reserve),
      "cudnnRNNBackwardData_v8");
  check(cudnn().cudnnRNNBackwardWeights_v8(handle.handle, rnn_.get(), CUDNN_WGRAD_MODE_ADD, nullptr, x_.get(), m.x,
                                           state_.get(), m.h0, y_.get(), m.y, weights_.bytes, m.dweights,
                                           workspace_bytes_, m.workspace, reserve_bytes_, m.reserve),
        "cudnnRNNBackwardWeights_v8");
}

}  // namespace kerata::cuda
