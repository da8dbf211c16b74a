// kMatmul and kMatmulUpdate.
#include "cuda/ops/gemm.h"
#include "cuda/ops/register.h"

namespace kerata::cuda {
namespace {

std::int64_t count(const Shape& shape, Dim from, Dim to) {
  std::int64_t product = 1;
  for (Dim axis = from; axis < to; ++axis) product *= shape[axis];
  return product;
}

// The stride of batch axis `axis` of the result in an operand: 0 where the operand has one matrix for all.
std::int64_t batch_stride(const Shape& operand, const Shape& result, Dim axis) {
  const Dim own = axis - (result.rank() - operand.rank());
  return own < 0 || operand[own] == 1 ? 0 : count(operand, own + 1, operand.rank());
}

// One axis of the batch where neighbours lie in order for both operands.
void add_axis(std::vector<MatrixProduct::Batch>& batch, const MatrixProduct::Batch& axis) {
  if (axis.size == 1) return;
  if (!batch.empty()) {
    MatrixProduct::Batch& outer = batch.back();
    if (outer.a == axis.a * axis.size && outer.b == axis.b * axis.size) {
      outer = {outer.size * axis.size, axis.a, axis.b};
      return;
    }
  }
  batch.push_back(axis);
}

MatrixProduct product_of(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<ops::MatmulAttrs>();
  const Shape &a = spec.in[0].shape, &b = spec.in[1].shape, &y = spec.out[0].shape;
  MatrixProduct product;
  product.dtype = spec.in[0].dtype;
  product.result = spec.out[0].dtype;
  product.trans_a = p.trans_a;
  product.trans_b = p.trans_b;
  product.m = y[-2];
  product.n = y[-1];
  product.k = a[p.trans_a ? -2 : -1];
  product.has_bias = p.has_bias;
  product.activation = p.activation;
  const std::int64_t batch = count(y, 0, y.rank() - 2);
  if (count(b, 0, b.rank() - 2) == 1 && !p.trans_a && count(a, 0, a.rank() - 2) == batch) {
    product.m *= batch;  // all rows of all matrices at once
    return product;
  }
  for (Dim axis = 0; axis < y.rank() - 2; ++axis)
    add_axis(product.batch, {y[axis], batch_stride(a, y, axis), batch_stride(b, y, axis)});
  return product;
}

std::unique_ptr<Kernel> make_kernel_of(const KernelSpec& spec, const MatrixProduct& product) {
  std::shared_ptr<const MatrixKernel> kernel = make_product(spec.device.index(), product);
  const std::size_t workspace = kernel->workspace_bytes;
  return make_device_kernel(
      [kernel = std::move(kernel), has_bias = product.has_bias](const KernelArgs& args) {
        kernel->run({.a = args.in[0],
                     .b = args.in[1],
                     .out = args.out[0],
                     .bias = has_bias ? args.in[2] : nullptr,
                     .workspace = args.workspace},
                    args);
      },
      workspace);
}

std::unique_ptr<Kernel> prepare_matmul(const KernelSpec& spec) {
  const MatrixProduct product = product_of(spec);
  if (!is_floating(product.dtype) && (product.has_bias || product.activation != ops::FusedActivation::none))
    return nullptr;
  if (spec.out[0].shape.size() == 0) return make_nothing();
  return make_kernel_of(spec, product);
}

// w (k, n) -= rate * a (m, k)^T g (m, n)
std::unique_ptr<Kernel> prepare_update(const KernelSpec& spec) {
  const DType dtype = spec.in[0].dtype;
  for (const ValueType& in : spec.in)
    if (in.dtype != dtype || !is_floating(dtype)) return nullptr;
  const Shape &w = spec.in[0].shape, &a = spec.in[1].shape;
  if (w.size() == 0 || a[0] == 0) return make_nothing();
  MatrixProduct product;
  product.dtype = product.result = dtype;
  product.trans_a = true;
  product.m = w[0];
  product.n = w[1];
  product.k = a[0];
  product.updates = true;
  std::shared_ptr<const MatrixKernel> kernel = make_product(spec.device.index(), product);
  const std::size_t workspace = kernel->workspace_bytes;
  return make_device_kernel(
      [kernel = std::move(kernel)](const KernelArgs& args) {
        kernel->run(
            {.a = args.in[1], .b = args.in[2], .out = args.out[0], .rate = args.in[3], .workspace = args.workspace},
            args);
      },
      workspace);
}

}  // namespace

void register_matmul(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cuda, ops::kMatmul, prepare_matmul);
  registry.add(KernelRegistry::Target::cuda, ops::kMatmulUpdate, prepare_update);
}

}  // namespace kerata::cuda
