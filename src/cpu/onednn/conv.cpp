// Convolutions by oneDNN on plain channels-last images; only the kernel is brought into oneDNN's own layout.
#include <oneapi/dnnl/dnnl_types.h>

#include <algorithm>

#include "backend/determinism.h"
#include "backend/parallel.h"
#include "cpu/gemm.h"
#include "cpu/onednn/dnnl.h"
#include "cpu/onednn/kernels.h"

namespace kerata::cpu::onednn {
namespace {

using ops::WindowAttrs;

constexpr Dim kNearBytes = 1 << 20;     // of a result that stays in the second-level caches
constexpr Dim kManyProducts = 1 << 20;  // multiply-adds that pay for oneDNN's bfloat16

// Workspace: the kernel in oneDNN's layout, then scratch memory (of the two primitives, one after the other).
struct Memory {
  explicit Memory(const ConvPrimitive& p)
      : kernel((p.kernel_bytes + 63) / 64 * 64),
        bytes(kernel + std::max(p.convolution.scratch_bytes(), p.reorder.scratch_bytes())) {}
  void* scratch(const KernelArgs& args) const { return static_cast<std::byte*>(args.workspace) + kernel; }
  std::size_t kernel, bytes;
};

// oneDNN adds up in an order that depends on the number of threads. A small convolution of bfloat16 is faster in
// float32 between casts.
bool usable(const KernelSpec& spec, const ConvShape& s) {
  const DType dtype = spec.in[0].dtype;
  if (deterministic_ops() || (dtype != DType::float32 && dtype != DType::bfloat16)) return false;
  for (const ValueType& in : spec.in)
    if (in.dtype != dtype || in.shape.size() == 0) return false;
  const Dim products = s.pixels() * s.filters * s.window();
  return dtype == DType::float32 ? products > 0 : products >= kManyProducts;
}

// How many images are convolved before the activation is applied, in memory that is still near. A divisor of the batch,
// so that one primitive serves all slices.
Dim slice_images(const ConvShape& s, int activation) {
  if (activation == ops::FusedActivation::none) return s.batch;
  const Dim image_bytes = s.out_h * s.out_w * s.filters * static_cast<Dim>(sizeof(float));
  Dim images = std::clamp<Dim>(kNearBytes / image_bytes, 1, s.batch);
  while (s.batch % images != 0) ++images;
  return images;
}

// oneDNN's own activations after a convolution make a number of NaN, so ours follow in its place.
std::unique_ptr<Kernel> forward(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<WindowAttrs>();
  ConvShape s = conv_shape(p, spec.in[0].shape, spec.in[1].shape);
  if (!usable(spec, s)) return nullptr;
  const DType dtype = spec.in[0].dtype;
  if (dtype == DType::bfloat16 && (p.has_bias || p.activation != ops::FusedActivation::none)) return nullptr;
  const Dim slices = s.batch / slice_images(s, p.activation);
  s.batch /= slices;
  auto made = conv_forward(s, dtype, p.has_bias);
  if (!made) return nullptr;
  const Memory memory(*made);
  const auto run = [conv = std::move(*made), memory, s, slices, p](const KernelArgs& args) {
    const void* kernel = args.in[1];
    if (conv.reorder) {
      const Argument move[] = {{DNNL_ARG_FROM, kernel}, {DNNL_ARG_TO, args.workspace}};
      conv.reorder.execute(move, memory.scratch(args));
      kernel = args.workspace;
    }
    for (Dim i = 0; i < slices; ++i) {
      float* y = args.output<float>(0) + i * s.pixels() * s.filters;
      const Argument arguments[] = {{DNNL_ARG_SRC, args.input<float>(0) + i * s.batch * s.in_h * s.in_w * s.channels},
                                    {DNNL_ARG_WEIGHTS, kernel},
                                    {DNNL_ARG_DST, y},
                                    {DNNL_ARG_BIAS, p.has_bias ? args.in[2] : nullptr}};
      conv.convolution.execute({arguments, p.has_bias ? 4u : 3u}, memory.scratch(args));
      if (p.activation == ops::FusedActivation::none) continue;
      parallel_for(s.pixels(), 16384 / (s.filters + 1) + 1, [&](Dim begin, Dim end) {
        finish_rows<float>(y + begin * s.filters, end - begin, s.filters, nullptr, p.activation);
      });
    }
  };
  return make_kernel(run, memory.bytes);
}

std::unique_ptr<Kernel> input_grad(const KernelSpec& spec) {
  const ConvShape s = conv_shape(spec.attrs.as<WindowAttrs>(), spec.out[0].shape, spec.in[0].shape);
  if (!usable(spec, s)) return nullptr;
  auto made = conv_input_grad(s, spec.in[0].dtype);
  if (!made) return nullptr;
  const Memory memory(*made);
  return make_kernel(
      [conv = std::move(*made), memory](const KernelArgs& args) {
        const void* kernel = args.in[0];
        if (conv.reorder) {
          const Argument move[] = {{DNNL_ARG_FROM, kernel}, {DNNL_ARG_TO, args.workspace}};
          conv.reorder.execute(move, memory.scratch(args));
          kernel = args.workspace;
        }
        const Argument arguments[] = {
            {DNNL_ARG_WEIGHTS, kernel}, {DNNL_ARG_DIFF_DST, args.in[1]}, {DNNL_ARG_DIFF_SRC, args.out[0]}};
        conv.convolution.execute(arguments, memory.scratch(args));
      },
      memory.bytes);
}

// oneDNN transposes whole images of bfloat16 for their product with the gradient: too much for few channels, of which
// it makes 16, and for windows that leave pixels out.
bool fills_tiles(const ConvShape& s) { return s.depth >= 8 && s.kh >= s.stride_h && s.kw >= s.stride_w; }

std::unique_ptr<Kernel> kernel_grad(const KernelSpec& spec) {
  const ConvShape s = conv_shape(spec.attrs.as<WindowAttrs>(), spec.in[0].shape, spec.out[0].shape);
  if (!usable(spec, s)) return nullptr;
  if (spec.in[0].dtype == DType::bfloat16 && !fills_tiles(s)) return nullptr;
  auto made = conv_kernel_grad(s, spec.in[0].dtype);
  if (!made) return nullptr;
  const Memory memory(*made);
  return make_kernel(
      [conv = std::move(*made), memory](const KernelArgs& args) {
        void* kernel = conv.reorder ? args.workspace : args.out[0];
        const Argument arguments[] = {
            {DNNL_ARG_SRC, args.in[0]}, {DNNL_ARG_DIFF_DST, args.in[1]}, {DNNL_ARG_DIFF_WEIGHTS, kernel}};
        conv.convolution.execute(arguments, memory.scratch(args));
        if (!conv.reorder) return;
        const Argument move[] = {{DNNL_ARG_FROM, kernel}, {DNNL_ARG_TO, args.out[0]}};
        conv.reorder.execute(move, memory.scratch(args));
      },
      memory.bytes);
}

}  // namespace

void register_conv(KernelRegistry& registry) {
  registry.add(KernelRegistry::Target::cpu, ops::kConv, forward);
  registry.add(KernelRegistry::Target::cpu, ops::kConvInputGrad, input_grad);
  registry.add(KernelRegistry::Target::cpu, ops::kConvKernelGrad, kernel_grad);
}

}  // namespace kerata::cpu::onednn
