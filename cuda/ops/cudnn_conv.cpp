// cuDNN's fast engines want the channels of a kernel closest, (filters, kh, kw, depth): kernels are turned on their way
// in, their gradients on their way out.
#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "backend/determinism.h"
#include "backend/tensor_float_32.h"
#include "cuda/ops/cudnn_plan.h"
#include "cuda/ops/move.h"
#include "cuda/ops/register.h"

namespace kerata::cuda {
namespace {

using ops::FusedActivation;

// Plans stay until the process ends, as modules do: an eager op is gone before its work is done, and cuDNN before our
// statics are.
std::shared_ptr<const CudnnPlan> plan_of(int device, CudnnHandle& handle, const CudnnConvolution& c) {
  static std::mutex mutex;
  static auto* plans = new std::map<std::tuple<int, bool, bool, CudnnConvolution>, std::shared_ptr<const CudnnPlan>>;
  const std::lock_guard lock(mutex);
  const auto [place, added] = plans->emplace(std::tuple{device, deterministic_ops(), tensor_float_32(), c}, nullptr);
  if (!added) return place->second;
  const std::lock_guard alone(handle.mutex);
  return place->second = CudnnPlan::find(c, {handle.handle});
}

// What is left to do with results when the plan does not: a bias, an activation.
class Epilogue {
 public:
  Epilogue() = default;
  Epilogue(int device, const CudnnConvolution& c, bool has_bias, int activation)
      : device_(device), has_bias_(has_bias), activation_(activation) {
    if (!has_bias && activation == FusedActivation::none) return;
    total_ = c.shape.out_pixels() * c.shape.filters;
    columns_ = divide_by(c.shape.filters);
    const std::string text = indexing(total_) + typed("R", c.dtype) + "typedef float Acc;\n";
    function_ = function_of(device, {text + kernel_text("gemm_result.cuh"), "shift_and_activate", {}});
  }
  bool has_bias() const { return has_bias_; }
  void run(void* results, const void* bias, const KernelArgs& args) const {
    struct Parameters {
      void* out;
      const void* bias;
      long long total;
      Divide columns;
      int activation;
    };
    if (function_)
      launch(device_, function_, grid_for(total_),
             Parameters{results, has_bias_ ? bias : nullptr, total_, columns_, activation_}, args);
  }

 private:
  int device_ = 0;
  bool has_bias_ = false;
  int activation_ = FusedActivation::none;
  std::int64_t total_ = 0;
  Divide columns_;
  KernelFunction function_;
};

// A kernel (window, filters) as (filters, window), or back.
Move turn_filters(int device, const CudnnConvolution& c) {
  const Dim rows = c.shape.window(), columns = c.shape.filters;
  return c.pass == ConvPass::kernel ? Move(device, size_of(c.dtype), {{rows, 1}, {columns, rows}})
                                    : Move(device, size_of(c.dtype), {{columns, 1}, {rows, columns}});
}

class CudnnConv final : public Kernel {
 public:
  CudnnConv(int device, const CudnnConvolution& c, CudnnHandle& handle, std::shared_ptr<const CudnnPlan> plan,
            Epilogue epilogue, const KernelSpec& spec)
      : device_(device),
        pass_(c.pass),
        plan_has_bias_(c.has_bias),
        handle_(handle),
        plan_(std::move(plan)),
        epilogue_(epilogue),
        turn_(turn_filters(device, c)),
        own_(spec, c.pass),
        filter_bytes_(aligned(static_cast<std::size_t>(c.shape.window() * c.shape.filters) * size_of(c.dtype))) {
    reports = false;
    workspace_bytes = std::max(kPartAlignment + filter_bytes_ + plan_->workspace_bytes(), own_.workspace_bytes());
  }

  void run(const KernelArgs& args) const override {
    void* images = const_cast<void*>(pass_ == ConvPass::images ? args.out[0] : args.in[0]);
    void* results = const_cast<void*>(pass_ == ConvPass::forward ? args.out[0] : args.in[1]);
    void* bias = plan_has_bias_ ? const_cast<void*>(args.in[2]) : nullptr;
    if (!is_aligned(images, kCudnnAlignment) || !is_aligned(results, kCudnnAlignment) ||
        !is_aligned(bias, kCudnnAlignment))
      return own_.run(args);
    context_of(device_).enter();
    std::byte* filters = first_part(args.workspace);
    if (pass_ != ConvPass::kernel) turn_.run(args.in[pass_ == ConvPass::forward ? 1 : 0], filters, args);
    plan_->run(handle_, {images, filters, results, bias, filters + filter_bytes_}, stream_of(device_, args.queue));
    if (pass_ == ConvPass::kernel) turn_.run(filters, args.out[0], args);
    if (pass_ == ConvPass::forward) epilogue_.run(results, epilogue_.has_bias() ? args.in[2] : nullptr, args);
  }

 private:
  int device_;
  ConvPass pass_;
  bool plan_has_bias_;
  CudnnHandle& handle_;
  std::shared_ptr<const CudnnPlan> plan_;
  Epilogue epilogue_;
  Move turn_;
  LateConv own_;  // for memory that is not aligned as the plan needs it
  std::size_t filter_bytes_;
};

bool is_taken(const KernelSpec& spec) {
  const DType dtype = spec.out[0].dtype;
  if (dtype != DType::float32 && dtype != DType::float16 && dtype != DType::bfloat16) return false;
  auto fits = [&](const ValueType& value) {
    return value.dtype == dtype && value.shape.size() > 0 && value.shape.size() < std::int64_t{1} << 31;
  };
  return std::all_of(spec.in.begin(), spec.in.end(), fits) && fits(spec.out[0]);
}

// Null where cuDNN is not installed or has nothing for this convolution: float64, integers.
std::unique_ptr<Kernel> make_cudnn_conv(const KernelSpec& spec, ConvPass pass) {
  if (!is_taken(spec)) return nullptr;
  const int device = spec.device.index();
  context_of(device).enter();
  CudnnHandle* handle = cudnn_handle(device);
  if (!handle) return nullptr;
  const auto& attrs = spec.attrs.as<ops::WindowAttrs>();
  const bool has_bias = pass == ConvPass::forward && attrs.has_bias;
  const int activation = pass == ConvPass::forward ? attrs.activation : FusedActivation::none;
  CudnnConvolution asked{spec.out[0].dtype, pass, conv_shape(spec, pass), has_bias,
                         activation == FusedActivation::relu};
  std::shared_ptr<const CudnnPlan> plan = plan_of(device, *handle, asked);
  if (!plan && (asked.has_bias || asked.has_relu)) {
    asked.has_bias = asked.has_relu = false;
    plan = plan_of(device, *handle, asked);
  }
  if (!plan) return nullptr;
  const Epilogue epilogue(device, asked, has_bias && !asked.has_bias,
                          asked.has_relu ? FusedActivation::none : activation);
  return std::make_unique<CudnnConv>(device, asked, *handle, std::move(plan), epilogue, spec);
}

}  // namespace

void register_cudnn_conv(KernelRegistry& registry) { register_passes<make_cudnn_conv>(registry); }

}  // namespace kerata::cuda
