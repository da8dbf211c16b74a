// The emulated cuDNN's LSTM: one layer, one direction, all sequences of one length, steps first. Weights lie where
// cuDNN 9 has them. Refuses what the real one refuses; KERATA_EMULATED_CUDNN_REFUSES: "all", "persistent" (algorithms),
// "persistent runs", "recorded persistent runs" or "runs".
#include <cudnn_adv.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <mutex>

#include "cuda/emulator/cudnn_descriptors.h"
#include "cuda/emulator/cudnn_handle.h"

struct cudnnTensorStruct {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::vector<int> sizes, strides;
};
struct cudnnRNNDataStruct {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  int steps = 0, batch = 0, width = 0;
};
struct cudnnRNNStruct {
  cudnnRNNAlgo_t algorithm = CUDNN_RNN_ALGO_STANDARD;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
  std::int64_t features = 0, units = 0;
};

namespace {

using namespace kerata::emulator;

constexpr std::size_t kWorkspaceBytes = 777;

std::size_t size_of(cudnnDataType_t type) { return type == CUDNN_DATA_DOUBLE ? 8 : type == CUDNN_DATA_FLOAT ? 4 : 2; }

// What is kept: how far it is, and for each row of each step i, f, c~, o, c; after the way back the gates' gradients.
struct Reserve {
  enum class Stage : std::uint64_t { forward = 0x5eed0001, data = 0x5eed0002, done = 0x5eed0003 };
  Stage stage;
  std::int64_t steps, batch, units;
  double* values() { return reinterpret_cast<double*>(this + 1); }
};

struct Work {
  enum class What { forward, data, weights };
  What what = What::forward;
  cudnnRNNStruct rnn;
  std::int64_t steps = 0, batch = 0;
  const void *x = nullptr, *h0 = nullptr, *c0 = nullptr, *weights = nullptr;
  const void *given_y = nullptr, *dy = nullptr, *dh = nullptr, *dc = nullptr;
  void *y = nullptr, *h = nullptr, *c = nullptr, *dx = nullptr, *dh0 = nullptr, *dc0 = nullptr, *dweights = nullptr;
  void *workspace = nullptr, *reserve = nullptr;
};

// One call, row by row.
class Run {
 public:
  explicit Run(const Work& work)
      : w_(work),
        features_(work.rnn.features),
        units_(work.rnn.units),
        kept_(static_cast<Reserve*>(work.reserve)),
        rounding_(work.rnn.type == CUDNN_DATA_FLOAT && work.rnn.math != CUDNN_FMA_MATH ? Rounding::tf32
                                                                                       : Rounding::none) {
    std::memset(work.workspace, 0x7f, kWorkspaceBytes);
  }

  void operator()() {
    if (w_.what == Work::What::forward) forward();
    if (w_.what == Work::What::data) data();
    if (w_.what == Work::What::weights) weights();
  }

 private:
  double read(const void* memory, std::int64_t at) const { return load(memory, w_.rnn.type, at); }
  double operand(const void* memory, std::int64_t at) const { return rounded(read(memory, at), rounding_); }
  void write(void* memory, std::int64_t at, double x) const { store(memory, w_.rnn.type, at, x); }
  void add(void* memory, std::int64_t at, double x) const { write(memory, at, read(memory, at) + x); }

  std::int64_t row(std::int64_t step, std::int64_t b) const { return step * w_.batch + b; }
  double* kept(std::int64_t row, std::int64_t unit) const { return kept_->values() + (row * units_ + unit) * 5; }
  // Of the whole space of weights.
  std::int64_t matrix(int gate) const { return gate * units_ * features_; }
  std::int64_t recurrent(int gate) const { return 4 * units_ * features_ + gate * units_ * units_; }
  std::int64_t bias(int gate) const { return 4 * units_ * (features_ + units_) + gate * units_; }

  double before(const void* states, const void* first, std::int64_t step, std::int64_t b, std::int64_t unit) const {
    return step ? read(states, row(step - 1, b) * units_ + unit) : first ? read(first, b * units_ + unit) : 0;
  }

  double gate_sum(int gate, std::int64_t step, std::int64_t b, std::int64_t unit) const {
    double sum = read(w_.weights, bias(gate) + unit) + read(w_.weights, bias(gate + 4) + unit);
    for (std::int64_t i = 0; i < features_; ++i)
      sum += operand(w_.x, row(step, b) * features_ + i) * operand(w_.weights, matrix(gate) + unit * features_ + i);
    for (std::int64_t i = 0; i < units_; ++i)
      sum += rounded(before(w_.y, w_.h0, step, b, i), rounding_) *
             operand(w_.weights, recurrent(gate) + unit * units_ + i);
    return sum;
  }

  void forward() {
    const auto states = static_cast<std::size_t>(w_.batch * units_);
    std::vector<double> cells(states);
    for (std::size_t i = 0; i < states; ++i) cells[i] = w_.c0 ? read(w_.c0, static_cast<std::int64_t>(i)) : 0;
    for (std::int64_t t = 0; t < w_.steps; ++t)
      for (std::int64_t b = 0; b < w_.batch; ++b)
        for (std::int64_t j = 0; j < units_; ++j) {
          auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
          const double in = sigmoid(gate_sum(0, t, b, j)), forget = sigmoid(gate_sum(1, t, b, j));
          const double candidate = std::tanh(gate_sum(2, t, b, j)), out = sigmoid(gate_sum(3, t, b, j));
          double& cell = cells[static_cast<std::size_t>(b * units_ + j)];
          cell = forget * cell + in * candidate;
          write(w_.y, row(t, b) * units_ + j, out * std::tanh(cell));
          if (kept_)
            std::ranges::copy(std::initializer_list<double>{in, forget, candidate, out, cell}, kept(row(t, b), j));
          if (t + 1 < w_.steps) continue;
          if (w_.h) write(w_.h, b * units_ + j, out * std::tanh(cell));
          if (w_.c) write(w_.c, b * units_ + j, cell);
        }
    if (kept_)
      kept_->stage = Reserve::Stage::forward, kept_->steps = w_.steps, kept_->batch = w_.batch, kept_->units = units_;
  }

  void expect(Reserve::Stage stage) const {
    demand(kept_->stage == stage && kept_->steps == w_.steps && kept_->batch == w_.batch && kept_->units == units_,
           "a reserve is not that of the pass before");
  }

  void data() {
    expect(Reserve::Stage::forward);
    for (std::int64_t b = 0; b < w_.batch; ++b) {
      std::vector<double> dh(static_cast<std::size_t>(units_)), dc = dh;
      for (std::int64_t j = 0; j < units_; ++j) {
        dh[static_cast<std::size_t>(j)] = w_.dh ? read(w_.dh, b * units_ + j) : 0;
        dc[static_cast<std::size_t>(j)] = w_.dc ? read(w_.dc, b * units_ + j) : 0;
      }
      for (std::int64_t t = w_.steps; t-- > 0;) through_step(t, b, dh, dc);
      for (std::int64_t j = 0; j < units_; ++j) {
        if (w_.dh0) write(w_.dh0, b * units_ + j, dh[static_cast<std::size_t>(j)]);
        if (w_.dc0) write(w_.dc0, b * units_ + j, dc[static_cast<std::size_t>(j)]);
      }
    }
    kept_->stage = Reserve::Stage::data;
  }

  void through_step(std::int64_t t, std::int64_t b, std::vector<double>& dh, std::vector<double>& dc) {
    for (std::int64_t j = 0; j < units_; ++j) {
      double* g = kept(row(t, b), j);
      const double in = g[0], forget = g[1], candidate = g[2], out = g[3], y = std::tanh(g[4]);
      const double c_before = t ? kept(row(t - 1, b), j)[4] : w_.c0 ? read(w_.c0, b * units_ + j) : 0;
      const double d = dh[static_cast<std::size_t>(j)] + read(w_.dy, row(t, b) * units_ + j);
      const double through = dc[static_cast<std::size_t>(j)] + d * out * (1 - y * y);
      g[0] = through * candidate * in * (1 - in);
      g[1] = through * c_before * forget * (1 - forget);
      g[2] = through * in * (1 - candidate * candidate);
      g[3] = d * y * out * (1 - out);
      dc[static_cast<std::size_t>(j)] = through * forget;
    }
    for (std::int64_t i = 0; i < features_; ++i)
      write(w_.dx, row(t, b) * features_ + i, sum_over_gates(t, b, [&](int gate, std::int64_t j) {
              return operand(w_.weights, matrix(gate) + j * features_ + i);
            }));
    for (std::int64_t i = 0; i < units_; ++i)
      dh[static_cast<std::size_t>(i)] = sum_over_gates(
          t, b, [&](int gate, std::int64_t j) { return operand(w_.weights, recurrent(gate) + j * units_ + i); });
  }
  template <class F>
  double sum_over_gates(std::int64_t t, std::int64_t b, const F& weight) const {
    double sum = 0;
    for (int gate = 0; gate < 4; ++gate)
      for (std::int64_t j = 0; j < units_; ++j) sum += rounded(kept(row(t, b), j)[gate], rounding_) * weight(gate, j);
    return sum;
  }

  void weights() {
    expect(Reserve::Stage::data);
    for (int gate = 0; gate < 4; ++gate)
      for (std::int64_t j = 0; j < units_; ++j) {
        for (std::int64_t i = 0; i < features_; ++i)
          add(w_.dweights, matrix(gate) + j * features_ + i,
              sum_over_rows(gate, j,
                            [&](std::int64_t t, std::int64_t b) { return operand(w_.x, row(t, b) * features_ + i); }));
        for (std::int64_t i = 0; i < units_; ++i)
          add(w_.dweights, recurrent(gate) + j * units_ + i,
              sum_over_rows(gate, j, [&](std::int64_t t, std::int64_t b) {
                return rounded(before(w_.given_y, w_.h0, t, b, i), rounding_);
              }));
        const double sum = sum_over_rows(gate, j, [](std::int64_t, std::int64_t) { return 1.0; });
        add(w_.dweights, bias(gate) + j, sum);
        add(w_.dweights, bias(gate + 4) + j, sum);
      }
    kept_->stage = Reserve::Stage::done;
  }
  template <class F>
  double sum_over_rows(int gate, std::int64_t j, const F& factor) const {
    double sum = 0;
    for (std::int64_t t = 0; t < w_.steps; ++t)
      for (std::int64_t b = 0; b < w_.batch; ++b) sum += rounded(kept(row(t, b), j)[gate], rounding_) * factor(t, b);
    return sum;
  }

  const Work& w_;
  std::int64_t features_, units_;
  Reserve* kept_;
  Rounding rounding_;
};

std::size_t reserve_size(const cudnnRNNStruct& rnn, const cudnnRNNDataStruct& x) {
  return sizeof(Reserve) + static_cast<std::size_t>(x.steps * x.batch * rnn.units) * 5 * sizeof(double);
}
std::size_t weights_size(const cudnnRNNStruct& rnn) {
  return static_cast<std::size_t>(4 * rnn.units * (rnn.features + rnn.units + 2)) * size_of(rnn.type);
}

void check_states(const cudnnTensorStruct& states, const cudnnRNNStruct& rnn, const cudnnRNNDataStruct& x) {
  const int units = static_cast<int>(rnn.units);
  demand(states.type == rnn.type && states.sizes == std::vector{1, x.batch, units} &&
             states.strides == std::vector{x.batch * units, units, 1},
         "states are not (1, batch, units)");
}

struct Call {
  cudnnHandle_t handle;
  cudnnRNNDescriptor_t rnn;
  cudnnRNNDataDescriptor_t x, y;
  std::size_t weights_bytes, workspace_bytes, reserve_bytes;
  bool goes_back;
};
cudnnStatus_t give(const Call& call, Work work) {
  const cudnnRNNStruct& rnn = *call.rnn;
  demand(call.x->type == rnn.type && call.y->type == rnn.type && call.x->width == rnn.features &&
             call.y->width == rnn.units && call.x->steps == call.y->steps && call.x->batch == call.y->batch,
         "an LSTM's values are not those of its descriptor");
  demand(call.weights_bytes == weights_size(rnn) && call.workspace_bytes >= kWorkspaceBytes && work.workspace,
         "an LSTM has no workspace or other weights");
  demand(call.reserve_bytes == (call.goes_back ? reserve_size(rnn, *call.x) : 0) && call.goes_back == !!work.reserve,
         "an LSTM's reserve has another size");
  if (refuses("runs")) return CUDNN_STATUS_EXECUTION_FAILED;
  if (refuses("persistent runs") && rnn.algorithm != CUDNN_RNN_ALGO_STANDARD) return CUDNN_STATUS_NOT_SUPPORTED;
  if (refuses("recorded persistent runs") && rnn.algorithm != CUDNN_RNN_ALGO_STANDARD &&
      kerata_emulator_records(reinterpret_cast<CUstream>(call.handle->stream)))
    return CUDNN_STATUS_NOT_SUPPORTED;
  static std::mutex mutex;
  static auto* kept = new std::deque<Work>;
  const std::lock_guard lock(mutex);
  work.rnn = rnn;
  work.steps = call.x->steps;
  work.batch = call.x->batch;
  kept->push_back(work);
  kerata_emulator_give(
      reinterpret_cast<CUstream>(call.handle->stream), [](void* data) { Run (*static_cast<const Work*>(data))(); },
      &kept->back());
  return CUDNN_STATUS_SUCCESS;
}

template <class T>
cudnnStatus_t make(T** made) {
  *made = new T;
  return CUDNN_STATUS_SUCCESS;
}
template <class T>
cudnnStatus_t destroy(T* made) {
  delete made;
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

extern "C" {

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* made) { return make(made); }
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t made) { return destroy(made); }
cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t tensor, cudnnDataType_t type, int rank,
                                         const int* sizes, const int* strides) {
  if (rank < 3) return CUDNN_STATUS_NOT_SUPPORTED;
  tensor->type = type;
  tensor->sizes.assign(sizes, sizes + rank);
  tensor->strides.assign(strides, strides + rank);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateRNNDescriptor(cudnnRNNDescriptor_t* made) { return make(made); }
cudnnStatus_t cudnnDestroyRNNDescriptor(cudnnRNNDescriptor_t made) { return destroy(made); }
cudnnStatus_t cudnnSetRNNDescriptor_v8(cudnnRNNDescriptor_t rnn, cudnnRNNAlgo_t algorithm, cudnnRNNMode_t cell,
                                       cudnnRNNBiasMode_t biases, cudnnDirectionMode_t direction,
                                       cudnnRNNInputMode_t input, cudnnDataType_t type, cudnnDataType_t computed,
                                       cudnnMathType_t math, int32_t features, int32_t units, int32_t projection,
                                       int32_t layers, cudnnDropoutDescriptor_t dropout, uint32_t flags) {
  demand(cell == CUDNN_LSTM && direction == CUDNN_UNIDIRECTIONAL && input == CUDNN_LINEAR_INPUT && layers == 1 &&
             projection == units && !dropout && flags == CUDNN_RNN_PADDED_IO_ENABLED,
         "an LSTM that is not emulated");
  const bool is_double = type == CUDNN_DATA_DOUBLE;
  if (computed != (is_double ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT)) return CUDNN_STATUS_NOT_SUPPORTED;
  if (algorithm != CUDNN_RNN_ALGO_STANDARD && (biases != CUDNN_RNN_DOUBLE_BIAS || is_double || refuses("persistent")))
    return CUDNN_STATUS_NOT_SUPPORTED;
  demand(biases == CUDNN_RNN_DOUBLE_BIAS, "an LSTM of one bias is not emulated");
  *rnn = {algorithm, type, math, features, units};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateRNNDataDescriptor(cudnnRNNDataDescriptor_t* made) { return make(made); }
cudnnStatus_t cudnnDestroyRNNDataDescriptor(cudnnRNNDataDescriptor_t made) { return destroy(made); }
cudnnStatus_t cudnnSetRNNDataDescriptor(cudnnRNNDataDescriptor_t values, cudnnDataType_t type,
                                        cudnnRNNDataLayout_t layout, int steps, int batch, int width,
                                        const int lengths[], void*) {
  demand(layout == CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED &&
             std::all_of(lengths, lengths + batch, [&](int length) { return length == steps; }),
         "sequences that are not emulated");
  *values = {type, steps, batch, width};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetRNNTempSpaceSizes(cudnnHandle_t, cudnnRNNDescriptor_t rnn, cudnnForwardMode_t mode,
                                        cudnnRNNDataDescriptor_t x, size_t* workspace, size_t* reserve) {
  if (refuses("all")) return CUDNN_STATUS_NOT_SUPPORTED;
  *workspace = kWorkspaceBytes;
  *reserve = mode == CUDNN_FWD_MODE_TRAINING ? reserve_size(*rnn, *x) : 0;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnGetRNNWeightSpaceSize(cudnnHandle_t, cudnnRNNDescriptor_t rnn, size_t* bytes) {
  *bytes = weights_size(*rnn);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnGetRNNWeightParams(cudnnHandle_t, cudnnRNNDescriptor_t rnn, int32_t layer, size_t bytes,
                                      const void* space, int32_t gate, cudnnTensorDescriptor_t matrix, void** matrix_at,
                                      cudnnTensorDescriptor_t bias, void** bias_at) {
  if (layer != 0 || gate < 0 || gate > 7 || bytes != weights_size(*rnn)) return CUDNN_STATUS_BAD_PARAM;
  const std::int64_t f = rnn->features, u = rnn->units, element = static_cast<std::int64_t>(size_of(rnn->type));
  auto at = [&](std::int64_t i) { return static_cast<std::byte*>(const_cast<void*>(space)) + i * element; };
  *matrix_at = at(gate < 4 ? gate * u * f : 4 * u * f + (gate - 4) * u * u);
  *bias_at = at(4 * u * (f + u) + gate * u);
  const int units = static_cast<int>(u), width = static_cast<int>(gate < 4 ? f : u);
  *matrix = {rnn->type, {1, units, width}, {units * width, width, 1}};
  *bias = {rnn->type, {1, units, 1}, {units, 1, 1}};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnRNNForward(cudnnHandle_t handle, cudnnRNNDescriptor_t rnn, cudnnForwardMode_t mode,
                              const int32_t lengths[], cudnnRNNDataDescriptor_t x_values, const void* x,
                              cudnnRNNDataDescriptor_t y_values, void* y, cudnnTensorDescriptor_t h_states,
                              const void* h0, void* h, cudnnTensorDescriptor_t c_states, const void* c0, void* c,
                              size_t weights_bytes, const void* weights, size_t workspace_bytes, void* workspace,
                              size_t reserve_bytes, void* reserve) {
  demand(!lengths, "lengths are not emulated");
  check_states(*h_states, *rnn, *x_values);
  check_states(*c_states, *rnn, *x_values);
  Work work;
  work.x = x, work.h0 = h0, work.c0 = c0, work.weights = weights;
  work.y = y, work.h = h, work.c = c, work.workspace = workspace, work.reserve = reserve;
  return give(
      {handle, rnn, x_values, y_values, weights_bytes, workspace_bytes, reserve_bytes, mode == CUDNN_FWD_MODE_TRAINING},
      work);
}
cudnnStatus_t cudnnRNNBackwardData_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnn, const int32_t lengths[],
                                      cudnnRNNDataDescriptor_t y_values, const void* y, const void* dy,
                                      cudnnRNNDataDescriptor_t x_values, void* dx, cudnnTensorDescriptor_t h_states,
                                      const void* h0, const void* dh, void* dh0, cudnnTensorDescriptor_t c_states,
                                      const void* c0, const void* dc, void* dc0, size_t weights_bytes,
                                      const void* weights, size_t workspace_bytes, void* workspace,
                                      size_t reserve_bytes, void* reserve) {
  demand(!lengths && dy && dx, "an LSTM's way back needs gradients of all steps");
  check_states(*h_states, *rnn, *x_values);
  check_states(*c_states, *rnn, *x_values);
  Work work;
  work.what = Work::What::data;
  work.h0 = h0, work.c0 = c0, work.weights = weights, work.given_y = y, work.dy = dy, work.dh = dh, work.dc = dc;
  work.dx = dx, work.dh0 = dh0, work.dc0 = dc0, work.workspace = workspace, work.reserve = reserve;
  return give({handle, rnn, x_values, y_values, weights_bytes, workspace_bytes, reserve_bytes, true}, work);
}
cudnnStatus_t cudnnRNNBackwardWeights_v8(cudnnHandle_t handle, cudnnRNNDescriptor_t rnn, cudnnWgradMode_t mode,
                                         const int32_t lengths[], cudnnRNNDataDescriptor_t x_values, const void* x,
                                         cudnnTensorDescriptor_t h_states, const void* h0,
                                         cudnnRNNDataDescriptor_t y_values, const void* y, size_t weights_bytes,
                                         void* dweights, size_t workspace_bytes, void* workspace, size_t reserve_bytes,
                                         void* reserve) {
  demand(!lengths && mode == CUDNN_WGRAD_MODE_ADD, "gradients of weights are only added");
  check_states(*h_states, *rnn, *x_values);
  Work work;
  work.what = Work::What::weights;
  work.x = x, work.h0 = h0, work.given_y = y, work.dweights = dweights, work.workspace = workspace,
  work.reserve = reserve;
  return give({handle, rnn, x_values, y_values, weights_bytes, workspace_bytes, reserve_bytes, true}, work);
}
}
