// kReserveLstm and kReserveLstmGrad by cuDNN. Weights and all h lie in front of it as it wants them; both are kept with
// its reserve for the way back.
#include <algorithm>

#include "backend/determinism.h"
#include "cuda/ops/cudnn_rnn.h"
#include "cuda/ops/move.h"
#include "cuda/ops/register.h"
#include "ops/nn_attrs.h"

namespace kerata::cuda {
namespace {

using LstmPtr = std::shared_ptr<const CudnnLstm>;

bool is_taken(const CudnnLstmRequest& r) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 31) - 1;  // cuDNN counts in int
  const std::int64_t width = std::max(r.features, 4 * r.units);
  return std::min({r.batch, r.steps, r.features, r.units}) > 0 && r.batch <= kMost / r.steps &&
         r.batch * r.steps <= kMost / width && width <= kMost / width;
}

CudnnLstmRequest request_of(const KernelSpec& spec, bool goes_back) {
  const Shape &x = spec.in[0].shape, &h0 = spec.in[1].shape;
  return {spec.in[0].dtype, x[0], x[1], x[2], h0[1], goes_back};
}

// Null where cuDNN is not installed or declines.
LstmPtr find_lstm(const KernelSpec& spec, bool goes_back) {
  const CudnnLstmRequest request = request_of(spec, goes_back);
  if (!is_taken(request)) return nullptr;
  const Context& gpu = context_of(spec.device.index());
  gpu.enter();
  CudnnHandle* handle = cudnn_handle(gpu.index);
  return handle ? CudnnLstm::find(gpu, *handle, request) : nullptr;
}

// What both kernels know.
struct Lstm {
  Lstm(const KernelSpec& spec, bool goes_back, LstmPtr found)
      : device(spec.device.index()),
        r(request_of(spec, goes_back)),
        cudnn(std::move(found)),
        handle(*cudnn_handle(device)),
        weights_at(aligned(cudnn->reserve_bytes())),
        y_at(weights_at + aligned(cudnn->weights().bytes)),
        kept_bytes(y_at + aligned(bytes(rows() * r.units)) + kPartAlignment) {}

  std::int64_t rows() const { return r.batch * r.steps; }
  std::size_t bytes(std::int64_t elements) const { return static_cast<std::size_t>(elements) * size_of(r.dtype); }
  std::size_t gates_bytes() const { return bytes(4 * r.units); }
  Move steps_first(std::int64_t width) const { return swap(r.steps, r.batch, width); }
  Move batch_first(std::int64_t width) const { return swap(r.batch, r.steps, width); }
  // (rows, columns) of a result from its transpose.
  Move turn(std::int64_t rows, std::int64_t columns) const {
    return {device, size_of(r.dtype), {{rows, 1}, {columns, rows}}};
  }

  int device;
  CudnnLstmRequest r;
  LstmPtr cudnn;
  CudnnHandle& handle;
  std::size_t weights_at, y_at, kept_bytes;  // in what is kept; the reserve is at its beginning

 private:
  // (b, a, width) as (a, b, width)
  Move swap(std::int64_t a, std::int64_t b, std::int64_t width) const {
    return {device, size_of(r.dtype), {{a, width}, {b, a * width}, {width, 1}}};
  }
};

class Forward final : public Kernel {
 public:
  explicit Forward(const Lstm& lstm)
      : s_(lstm),
        x_(s_.steps_first(s_.r.features)),
        h_(s_.batch_first(s_.r.units)),
        kernel_(s_.turn(4 * s_.r.units, s_.r.features)),
        recurrent_(s_.turn(4 * s_.r.units, s_.r.units)),
        x_bytes_(aligned(s_.bytes(s_.rows() * s_.r.features))) {
    reports = false;
    workspace_bytes = kPartAlignment + x_bytes_ + aligned(s_.cudnn->workspace_bytes());
    if (!s_.r.goes_back) workspace_bytes += s_.kept_bytes;
  }

  void run(const KernelArgs& args) const override {
    std::byte *x = first_part(args.workspace), *workspace = x + x_bytes_;
    std::byte* kept = first_part(s_.r.goes_back ? args.out[3] : workspace + aligned(s_.cudnn->workspace_bytes()));
    std::byte *weights = kept + s_.weights_at, *h = kept + s_.y_at;
    context_of(s_.device).enter();
    x_.run(args.in[0], x, args);
    place_weights(weights, args);
    s_.cudnn->forward(
        s_.handle,
        {x, args.in[1], args.in[2], weights, h, args.out[1], args.out[2], workspace, s_.r.goes_back ? kept : nullptr},
        stream_of(s_.device, args.queue));
    h_.run(h, args.out[0], args);
  }

 private:
  void place_weights(std::byte* weights, const KernelArgs& args) const {
    const CudnnLstm::Weights& at = s_.cudnn->weights();
    kernel_.run(args.in[3], weights + at.kernel, args);
    recurrent_.run(args.in[4], weights + at.recurrent, args);
    copy_dense(s_.device, weights + at.bias, args.in[5], s_.gates_bytes(), args);
    cuda_backend()->fill_zero(s_.device, weights + at.recurrent_bias, s_.gates_bytes(), args.queue);
  }

  Lstm s_;
  Move x_, h_, kernel_, recurrent_;
  std::size_t x_bytes_;
};

class Backward final : public Kernel {
 public:
  Backward(const Lstm& lstm, const ops::LstmGradAttrs& attrs)
      : s_(lstm),
        p_(attrs),
        x_(s_.steps_first(s_.r.features)),
        dh_(s_.steps_first(s_.r.units)),
        dx_(s_.batch_first(s_.r.features)),
        kernel_(s_.turn(s_.r.features, 4 * s_.r.units)),
        recurrent_(s_.turn(s_.r.units, 4 * s_.r.units)),
        x_bytes_(aligned(s_.bytes(s_.rows() * s_.r.features))),
        h_bytes_(aligned(s_.bytes(s_.rows() * s_.r.units))),
        weights_bytes_(aligned(s_.cudnn->weights().bytes)) {
    reports = false;
    workspace_bytes = kPartAlignment + 2 * x_bytes_ + h_bytes_ + weights_bytes_ + s_.cudnn->workspace_bytes();
  }

  void run(const KernelArgs& args) const override {
    std::byte* kept = first_part(args.in[6]);
    std::byte *x = first_part(args.workspace), *dx = x + x_bytes_, *dh = dx + x_bytes_, *dweights = dh + h_bytes_;
    std::size_t given = 7;
    context_of(s_.device).enter();
    x_.run(args.in[0], x, args);
    if (p_.has_dh)
      dh_.run(args.in[given++], dh, args);
    else
      zero(dh, h_bytes_, args);
    const void* dh_last = p_.has_dh_last ? args.in[given++] : nullptr;
    const void* dc_last = p_.has_dc_last ? args.in[given++] : nullptr;
    zero(dweights, weights_bytes_, args);
    s_.cudnn->backward(s_.handle,
                       {x, args.in[1], args.in[2], kept + s_.weights_at, kept + s_.y_at, dh, dh_last, dc_last, dx,
                        args.out[1], args.out[2], dweights, dweights + weights_bytes_, kept},
                       stream_of(s_.device, args.queue));
    const CudnnLstm::Weights& at = s_.cudnn->weights();
    dx_.run(dx, args.out[0], args);
    kernel_.run(dweights + at.kernel, args.out[3], args);
    recurrent_.run(dweights + at.recurrent, args.out[4], args);
    copy_dense(s_.device, args.out[5], dweights + at.bias, s_.gates_bytes(), args);
  }

 private:
  void zero(std::byte* memory, std::size_t bytes, const KernelArgs& args) const {
    cuda_backend()->fill_zero(s_.device, memory, bytes, args.queue);
  }

  Lstm s_;
  ops::LstmGradAttrs p_;
  Move x_, dh_, dx_, kernel_, recurrent_;
  std::size_t x_bytes_, h_bytes_, weights_bytes_;
};

// cuDNN adds up in any order, whatever the algorithm.
std::optional<std::size_t> measure_reserve(const KernelSpec& spec) {
  const bool goes_back = spec.attrs.as<ops::ReserveLstmAttrs>().goes_back;
  const LstmPtr found = deterministic_ops() ? nullptr : find_lstm(spec, goes_back);
  if (!found) return std::nullopt;
  return goes_back ? Lstm(spec, goes_back, found).kept_bytes : 0;
}

std::unique_ptr<Kernel> make_forward(const KernelSpec& spec) {
  const bool goes_back = spec.attrs.as<ops::ReserveLstmAttrs>().goes_back;
  const LstmPtr found = find_lstm(spec, goes_back);
  return found ? std::make_unique<Forward>(Lstm(spec, goes_back, found)) : nullptr;
}

std::unique_ptr<Kernel> make_backward(const KernelSpec& spec) {
  const LstmPtr found = find_lstm(spec, true);
  if (!found) return nullptr;
  return std::make_unique<Backward>(Lstm(spec, true, found), spec.attrs.as<ops::LstmGradAttrs>());
}

}  // namespace

void register_cudnn_lstm(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.set_reserve(kCuda, ops::kReserveLstm, measure_reserve);
  registry.add(kCuda, ops::kReserveLstm, make_forward);
  registry.add(kCuda, ops::kReserveLstmGrad, make_backward);
}

}  // namespace kerata::cuda
