// 2-D convolution on channels-last images and its gradients, each of which is linear in both of its inputs.
#include "kerata/ops/nn.h"
#include "ops/nn_attrs.h"
#include "ops/window.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

std::vector<ValueType> infer_conv(Types in, const Attrs& attrs) {
  const auto& p = attrs.as<WindowAttrs>();
  const Shape &x = in[0].shape, &k = in[1].shape;
  check_window("conv", p);
  require<ShapeError>(x.rank() == 4, "conv", "Expected images of shape (batch, height, width, channels), received ", x,
                      '.');
  require<ShapeError>(k.rank() == 4 && k.is_known(), "conv",
                      "Expected a kernel of shape (height, width, channels / groups, filters), "
                      "received ",
                      k, '.');
  require<ValueError>(is_floating(in[0].dtype) && in[0].dtype == in[1].dtype, "conv",
                      "Expected images and kernel of one floating type, received ", in[0].dtype, " and ", in[1].dtype,
                      '.');
  const Dim channels = x[3], depth = k[2];
  require<ShapeError>(depth > 0 && (channels < 0 || channels % depth == 0), "conv", "Channels do not fit. Expected ",
                      depth, " channels (or a multiple) for a kernel ", k, ", received ", x, '.');
  const Dim groups = channels < 0 ? 1 : channels / depth;
  require<ShapeError>(groups == 0 || k[3] % groups == 0, "conv", "Expected filters divisible by the ", groups,
                      " groups, received ", k[3], '.');
  if (p.has_bias)
    require<ShapeError>(in[2].shape == Shape{k[3]}, "conv", "Expected a bias of shape (", k[3], ",), received ",
                        in[2].shape, '.');
  return {{in[0].dtype, Shape{x[0], swept_size("conv", x[1], k[0], p.stride_h, p.dilation_h, p.same),
                              swept_size("conv", x[2], k[1], p.stride_w, p.dilation_w, p.same), k[3]}}};
}

std::vector<ValueType> infer_shape(Types in, const Attrs& attrs) {
  return {{in[0].dtype, attrs.as<WindowAttrs>().shape}};
}

Tensor input_grad(const Tensor& kernel, const Tensor& dy, WindowAttrs p, const Shape& x) {
  p.shape = x;
  return apply(kConvInputGrad, {kernel, dy}, p);
}
Tensor kernel_grad(const Tensor& x, const Tensor& dy, WindowAttrs p, const Shape& kernel) {
  p.shape = kernel;
  return apply(kConvKernelGrad, {x, dy}, p);
}
Tensor forward(const Tensor& x, const Tensor& kernel, WindowAttrs p) {
  p.shape = {};
  return apply(kConv, {x, kernel}, p);
}

std::vector<Tensor> vjp_conv(const VjpArgs& args) {
  const auto& p = args.attrs.as<WindowAttrs>();
  const Tensor &x = args.in(0), &kernel = args.in(1), &g = args.grad();
  return {args.needs(0) ? input_grad(kernel, g, p, x.shape()) : Tensor(),
          args.needs(1) ? kernel_grad(x, g, p, kernel.shape()) : Tensor()};
}

// dx(kernel, dy): both directions back from g, which is shaped like x.
std::vector<Tensor> vjp_input_grad(const VjpArgs& args) {
  const auto& p = args.attrs.as<WindowAttrs>();
  const Tensor &kernel = args.in(0), &dy = args.in(1), &g = args.grad();
  return {args.needs(0) ? kernel_grad(g, dy, p, kernel.shape()) : Tensor(),
          args.needs(1) ? forward(g, kernel, p) : Tensor()};
}

// dkernel(x, dy): g is shaped like the kernel.
std::vector<Tensor> vjp_kernel_grad(const VjpArgs& args) {
  const auto& p = args.attrs.as<WindowAttrs>();
  const Tensor &x = args.in(0), &dy = args.in(1), &g = args.grad();
  return {args.needs(0) ? input_grad(g, dy, p, x.shape()) : Tensor(), args.needs(1) ? forward(x, g, p) : Tensor()};
}

}  // namespace

const OpDef kConv = {.name = "conv", .infer = infer_conv, .vjp = vjp_conv};
const OpDef kConvInputGrad = {.name = "conv_input_grad", .infer = infer_shape, .vjp = vjp_input_grad};
const OpDef kConvKernelGrad = {.name = "conv_kernel_grad", .infer = infer_shape, .vjp = vjp_kernel_grad};

Tensor conv(const Tensor& x, const Tensor& kernel, const Window2D& window) {
  const DType dtype = promote(x.dtype(), kernel.dtype());
  WindowAttrs p;
  p.stride_h = window.strides.height, p.stride_w = window.strides.width;
  p.dilation_h = window.dilation_rate.height, p.dilation_w = window.dilation_rate.width;
  p.same = window.padding == Padding::same;
  return forward(x.dtype() == dtype ? x : x.cast(dtype), kernel.dtype() == dtype ? kernel : kernel.cast(dtype), p);
}

}  // namespace kerata::ops
