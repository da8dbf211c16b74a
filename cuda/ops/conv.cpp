// kConv, kConvInputGrad, kConvKernelGrad: products of matrices whose elements are found in the images as they are
// needed (conv.cuh).
#include "cuda/ops/conv.h"

#include <algorithm>

#include "cuda/ops/gemm.h"
#include "cuda/ops/register.h"

namespace kerata::cuda {
namespace {

struct ConvParameters {
  ProductParameters product;
  void* partial;
  const void *images, *kernel, *dy;
  long long in_h, in_w, channels, out_h, out_w, filters;
  long long stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  Divide depth, width, kw, in_h_by, in_w_by, out_h_by, out_w_by, stride_h_by, stride_w_by;
};

ConvParameters conv_parameters(const WindowShape& s, const ProductPlan& plan, ConvPass pass) {
  const Dim width = s.filters / s.groups();
  ConvParameters p = {};
  p.product = plan.parameters;
  p.product.row = pass == ConvPass::images ? s.channels : s.filters;
  p.product.step = pass == ConvPass::images ? s.depth : width;
  p.product.bias_step = width;
  p.in_h = s.in_h, p.in_w = s.in_w, p.channels = s.channels;
  p.out_h = s.out_h, p.out_w = s.out_w, p.filters = s.filters;
  p.stride_h = s.stride_h, p.stride_w = s.stride_w;
  p.dilation_h = s.dilation_h, p.dilation_w = s.dilation_w;
  p.pad_top = s.pad_top, p.pad_left = s.pad_left;
  p.depth = divide_by(s.depth), p.width = divide_by(width), p.kw = divide_by(s.kw);
  p.in_h_by = divide_by(s.in_h), p.in_w_by = divide_by(s.in_w);
  p.out_h_by = divide_by(s.out_h), p.out_w_by = divide_by(s.out_w);
  p.stride_h_by = divide_by(s.stride_h), p.stride_w_by = divide_by(s.stride_w);
  return p;
}

ProductPlan plan_of(DType dtype, const WindowShape& s, ConvPass pass) {
  const Dim width = s.filters / s.groups();
  if (pass == ConvPass::forward) return {dtype, s.groups(), s.out_pixels(), width, s.window()};
  if (pass == ConvPass::images) return {dtype, s.groups(), s.in_pixels(), s.depth, s.kh * s.kw * width};
  return {dtype, s.groups(), s.window(), width, s.out_pixels()};
}

class ConvKernel final : public Kernel {
 public:
  ConvKernel(const KernelSpec& spec, const WindowShape& s, ConvPass pass)
      : device_(spec.device.index()), pass_(pass), plan_(plan_of(spec.out[0].dtype, s, pass)) {
    reports = false;
    workspace_bytes = plan_.workspace_bytes();
    const auto& attrs = spec.attrs.as<ops::WindowAttrs>();
    has_bias_ = pass == ConvPass::forward && attrs.has_bias;
    fixed_ = conv_parameters(s, plan_, pass);
    if (pass == ConvPass::forward) fixed_.product.activation = attrs.activation;
    const DType dtype = spec.out[0].dtype;
    const std::int64_t largest =
        std::max({s.in_pixels() * s.channels, s.window() * s.filters, s.out_pixels() * s.filters});
    const std::string types = plan_.types(dtype, dtype, largest, pass != ConvPass::kernel, pass == ConvPass::images) +
                              join_text("#define PASS ", static_cast<int>(pass), '\n');
    function_ = function_of(device_, {types + kernel_text("conv.cuh") + kernel_text("gemm.cuh"), "gemm", {}});
    finish_ = plan_.finish(device_, types);
  }

  void run(const KernelArgs& args) const override {
    ConvParameters p = fixed_;
    p.images = pass_ == ConvPass::images ? nullptr : args.in[0];
    p.kernel = pass_ == ConvPass::forward ? args.in[1] : pass_ == ConvPass::images ? args.in[0] : nullptr;
    p.dy = pass_ == ConvPass::forward ? nullptr : args.in[1];
    p.partial = workspace_bytes ? args.workspace : nullptr;
    p.product.out = args.out[0];
    p.product.bias = has_bias_ ? args.in[2] : nullptr;
    launch(device_, function_, plan_.grid, p, args);
    finish_.run(device_, plan_, p.product, p.partial, args);
  }

 private:
  int device_;
  ConvPass pass_;
  ProductPlan plan_;
  bool has_bias_ = false;
  ConvParameters fixed_;
  KernelFunction function_;
  ProductPlan::Finish finish_;
};

}  // namespace

WindowShape conv_shape(const KernelSpec& spec, ConvPass pass) {
  const Shape& x = pass == ConvPass::images ? spec.out[0].shape : spec.in[0].shape;
  const Shape& kernel = pass == ConvPass::forward  ? spec.in[1].shape
                        : pass == ConvPass::images ? spec.in[0].shape
                                                   : spec.out[0].shape;
  return window_shape(spec.attrs.as<ops::WindowAttrs>(), x, kernel);
}

std::unique_ptr<Kernel> make_own_conv(const KernelSpec& spec, ConvPass pass) {
  if (spec.out[0].shape.size() == 0) return make_nothing();
  return std::make_unique<ConvKernel>(spec, conv_shape(spec, pass), pass);
}

LateConv::LateConv(const KernelSpec& spec, ConvPass pass)
    : op_(spec.op),
      in_(spec.in.begin(), spec.in.end()),
      out_(spec.out.begin(), spec.out.end()),
      attrs_(spec.attrs),
      device_(spec.device),
      pass_(pass),
      workspace_bytes_(plan_of(out_[0].dtype, conv_shape(spec, pass), pass).workspace_bytes()) {}

void LateConv::run(const KernelArgs& args) const {
  std::call_once(once_, [this] { kernel_ = make_own_conv({op_, in_, out_, attrs_, device_}, pass_); });
  kernel_->run(args);
}

void register_conv(KernelRegistry& registry) { register_passes<make_own_conv>(registry); }

}  // namespace kerata::cuda
