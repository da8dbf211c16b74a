// Max and average pooling, and their gradients.
#include <algorithm>

#include "cuda/ops/column_sums.h"
#include "cuda/ops/register.h"
#include "cuda/ops/window_shape.h"

namespace kerata::cuda {
namespace {

struct PoolParameters {
  const void *x, *dy;
  void* out;
  long long total;
  Divide in_h, in_w, channels, out_h, out_w, stride_h, stride_w;
  long long pool_h, pool_w, pad_top, pad_left;
  int positive;
};

WindowShape pool_shape(const KernelSpec& spec, const Shape& x) {
  const auto& p = spec.attrs.as<ops::WindowAttrs>();
  return window_shape(p, x, Shape{p.pool_h, p.pool_w, std::max<Dim>(1, x[3]), x[3]});
}

PoolParameters pool_parameters(const WindowShape& s, std::int64_t total) {
  PoolParameters p = {};
  p.total = total;
  p.in_h = divide_by(s.in_h), p.in_w = divide_by(s.in_w), p.channels = divide_by(s.channels);
  p.out_h = divide_by(s.out_h), p.out_w = divide_by(s.out_w);
  p.stride_h = divide_by(s.stride_h), p.stride_w = divide_by(s.stride_w);
  p.pool_h = s.kh, p.pool_w = s.kw, p.pad_top = s.pad_top, p.pad_left = s.pad_left;
  return p;
}

// The type that elements are computed in, and what is below all of its numbers.
std::string computed_text(DType dtype) {
  switch (dtype) {
    case DType::float64:
      return "typedef double Acc;\n#define LOWEST (double)bits_to_float(0xff800000u)\n";
    case DType::int8:
      return "typedef signed char Acc;\n#define LOWEST -128\n";
    case DType::int16:
      return "typedef short Acc;\n#define LOWEST -32768\n";
    case DType::int32:
      return "typedef int Acc;\n#define LOWEST (-2147483647 - 1)\n";
    case DType::int64:
      return "typedef long long Acc;\n#define LOWEST (-9223372036854775807LL - 1)\n";
    case DType::uint8:
      return "typedef unsigned char Acc;\n#define LOWEST 0\n";
    default:
      return "typedef float Acc;\n#define LOWEST bits_to_float(0xff800000u)\n";
  }
}

KernelFunction pool_function(const KernelSpec& spec, const WindowShape& s, const char* name) {
  const DType dtype = spec.out[0].dtype;
  const std::string text = indexing(std::max(s.in_pixels(), s.out_pixels()) * s.channels) + typed("T", dtype) +
                           computed_text(dtype) + kernel_text("pool.cuh");
  return function_of(spec.device.index(), {text, name, {}});
}

// The inputs of the op are x and dy of the kernel, or dy alone.
std::unique_ptr<Kernel> make_pool(const KernelSpec& spec, const Shape& x, const char* name, bool has_x, bool has_dy) {
  const std::int64_t total = spec.out[0].shape.size();
  if (total == 0) return make_nothing();
  const WindowShape s = pool_shape(spec, x);
  const KernelFunction function = pool_function(spec, s, name);
  const PoolParameters fixed = pool_parameters(s, total);
  return make_device_kernel([device = spec.device.index(), function, fixed, has_x, has_dy](const KernelArgs& args) {
    PoolParameters p = fixed;
    p.x = has_x ? args.in[0] : nullptr;
    p.dy = has_dy ? args.in[has_x ? 1 : 0] : nullptr;
    p.out = args.out[0];
    launch(device, function, grid_for(p.total), p, args);
  });
}

// dx, and with has_bias the sum of dx over all pixels: that of the dy that pass.
class MaxPoolGrad final : public Kernel {
 public:
  explicit MaxPoolGrad(const KernelSpec& spec) : device_(spec.device.index()) {
    reports = false;
    const auto& attrs = spec.attrs.as<ops::WindowAttrs>();
    const WindowShape s = pool_shape(spec, spec.in[0].shape);
    positive_ = attrs.activation == ops::FusedActivation::relu;
    has_bias_ = attrs.has_bias;
    fixed_ = pool_parameters(s, spec.out[0].shape.size());
    fixed_.positive = positive_ ? 1 : 0;
    if (fixed_.total) grad_ = pool_function(spec, s, "max_pool_grad");
    if (!has_bias_) return;
    outputs_ = s.out_pixels() * s.channels;
    sums_ = ColumnSums(device_, spec.out[1].dtype, s.out_pixels(), s.channels);
    if (positive_ && outputs_) {
      share_ = pool_function(spec, s, "max_pool_share");
      share_bytes_ = (static_cast<std::size_t>(outputs_) * size_of(spec.out[0].dtype) + 15) / 16 * 16;
    }
    workspace_bytes = share_bytes_ + sums_.workspace_bytes;
  }

  void run(const KernelArgs& args) const override {
    PoolParameters p = fixed_;
    p.x = args.in[0];
    p.dy = args.in[1];
    p.out = args.out[0];
    if (grad_) launch(device_, grad_, grid_for(p.total), p, args);
    if (!has_bias_) return;
    auto* workspace = static_cast<std::byte*>(args.workspace);
    if (share_) {
      p.total = outputs_;
      p.out = workspace;
      launch(device_, share_, grid_for(p.total), p, args);
    }
    sums_.run(share_ ? workspace : args.in[1], args.out[1], workspace + share_bytes_, args);
  }

 private:
  int device_;
  bool positive_ = false, has_bias_ = false;
  PoolParameters fixed_;
  KernelFunction grad_, share_;
  std::int64_t outputs_ = 0;
  std::size_t share_bytes_ = 0;
  ColumnSums sums_;
};

// bool has no order worth pooling: as on the CPU.
std::unique_ptr<Kernel> prepare_max(const KernelSpec& spec) {
  if (spec.in[0].dtype == DType::boolean) return nullptr;
  return make_pool(spec, spec.in[0].shape, "max_pool", true, false);
}
std::unique_ptr<Kernel> prepare_max_grad(const KernelSpec& spec) {
  return is_floating(spec.in[0].dtype) ? std::make_unique<MaxPoolGrad>(spec) : nullptr;
}
std::unique_ptr<Kernel> prepare_max_gather(const KernelSpec& spec) {
  if (!is_floating(spec.in[0].dtype)) return nullptr;
  return make_pool(spec, spec.in[0].shape, "max_pool_gather", true, true);
}
std::unique_ptr<Kernel> prepare_average(const KernelSpec& spec) {
  return make_pool(spec, spec.in[0].shape, "average_pool", true, false);
}
std::unique_ptr<Kernel> prepare_average_grad(const KernelSpec& spec) {
  return make_pool(spec, spec.out[0].shape, "average_pool_grad", false, true);
}

}  // namespace

void register_pool(KernelRegistry& registry) {
  constexpr auto kCuda = KernelRegistry::Target::cuda;
  registry.add(kCuda, ops::kMaxPool, prepare_max);
  registry.add(kCuda, ops::kMaxPoolGrad, prepare_max_grad);
  registry.add(kCuda, ops::kMaxPoolGather, prepare_max_gather);
  registry.add(kCuda, ops::kAveragePool, prepare_average);
  registry.add(kCuda, ops::kAveragePoolGrad, prepare_average_grad);
}

}  // namespace kerata::cuda
