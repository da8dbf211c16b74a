// 2-D max and average pooling on channels-last images.
#include "kerata/ops/nn.h"
#include "ops/nn_attrs.h"
#include "ops/window.h"

namespace kerata::ops {
namespace {

using Types = std::span<const ValueType>;

Shape pooled_shape(std::string_view op, const ValueType& x, const WindowAttrs& p) {
  check_window(op, p);
  require<ShapeError>(x.shape.rank() == 4, op, "Expected images of shape (batch, height, width, channels), received ",
                      x.shape, '.');
  return {x.shape[0], swept_size(op, x.shape[1], p.pool_h, p.stride_h, 1, p.same),
          swept_size(op, x.shape[2], p.pool_w, p.stride_w, 1, p.same), x.shape[3]};
}

std::vector<ValueType> infer_max(Types in, const Attrs& attrs) {
  return {{in[0].dtype, pooled_shape("max_pool", in[0], attrs.as<WindowAttrs>())}};
}
std::vector<ValueType> infer_average(Types in, const Attrs& attrs) {
  require<ValueError>(is_floating(in[0].dtype), "average_pool", "Expected a floating type, received ", in[0].dtype,
                      ". Hint: cast to float32.");
  return {{in[0].dtype, pooled_shape("average_pool", in[0], attrs.as<WindowAttrs>())}};
}
std::vector<ValueType> infer_max_grad(Types in, const Attrs& attrs) {
  std::vector<ValueType> out{in[0]};
  if (attrs.as<WindowAttrs>().has_bias) out.push_back({in[0].dtype, {in[0].shape.back()}});
  return out;
}
std::vector<ValueType> infer_average_grad(Types in, const Attrs& attrs) {
  return {{in[0].dtype, attrs.as<WindowAttrs>().shape}};
}

std::vector<Tensor> vjp_max(const VjpArgs& args) { return {apply(kMaxPoolGrad, {args.in(), args.grad()}, args.attrs)}; }
// The choice of the maximum is constant almost everywhere: only the second input gets a gradient.
std::vector<Tensor> vjp_max_grad(const VjpArgs& args) {
  return {Tensor(), apply(kMaxPoolGather, {args.in(0), args.grad()}, args.attrs)};
}
std::vector<Tensor> vjp_max_gather(const VjpArgs& args) {
  return {Tensor(), apply(kMaxPoolGrad, {args.in(0), args.grad()}, args.attrs)};
}

std::vector<Tensor> vjp_average(const VjpArgs& args) {
  WindowAttrs p = args.attrs.as<WindowAttrs>();
  p.shape = args.in().shape();
  return {apply(kAveragePoolGrad, {args.grad()}, p)};
}
std::vector<Tensor> vjp_average_grad(const VjpArgs& args) {
  WindowAttrs p = args.attrs.as<WindowAttrs>();
  p.shape = {};
  return {apply(kAveragePool, {args.grad()}, p)};
}

WindowAttrs attrs_of(Size2 pool_size, const Window2D& window) {
  WindowAttrs p;
  p.stride_h = window.strides.height, p.stride_w = window.strides.width;
  p.pool_h = pool_size.height, p.pool_w = pool_size.width;
  p.same = window.padding == Padding::same;
  return p;
}

}  // namespace

const OpDef kMaxPool = {.name = "max_pool", .infer = infer_max, .vjp = vjp_max};
const OpDef kMaxPoolGrad = {.name = "max_pool_grad", .infer = infer_max_grad, .vjp = vjp_max_grad};
const OpDef kMaxPoolGather = {.name = "max_pool_gather", .infer = infer_max, .vjp = vjp_max_gather};
const OpDef kAveragePool = {.name = "average_pool", .infer = infer_average, .vjp = vjp_average};
const OpDef kAveragePoolGrad = {.name = "average_pool_grad", .infer = infer_average_grad, .vjp = vjp_average_grad};

Tensor max_pool(const Tensor& x, Size2 pool_size, const Window2D& window) {
  return apply(kMaxPool, {x}, attrs_of(pool_size, window));
}
Tensor average_pool(const Tensor& x, Size2 pool_size, const Window2D& window) {
  return apply(kAveragePool, {x}, attrs_of(pool_size, window));
}

}  // namespace kerata::ops
