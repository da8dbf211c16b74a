// Convolution and its gradients as matrix products of unfolded images (im2col), a block of output rows at a time.
#include <algorithm>
#include <cstring>

#include "backend/parallel.h"
#include "cpu/conv_shape.h"
#include "cpu/gemm.h"
#include "cpu/nn_kernels.h"

namespace kerata::cpu {
namespace {

using ops::FusedActivation;
using ops::WindowAttrs;
using Target = KernelRegistry::Target;

constexpr Dim kBlockBytes = 1 << 21;  // of unfolded image

// How many output rows (of all images, one after the other) are unfolded at once.
Dim block_rows(const ConvShape& s, std::size_t element) {
  const Dim row_bytes = s.out_w * s.window() * static_cast<Dim>(element);
  return std::clamp<Dim>(kBlockBytes / std::max<Dim>(1, row_bytes), 1, std::max<Dim>(1, s.batch * s.out_h));
}
std::size_t block_bytes(const ConvShape& s, std::size_t element) {
  if (s.pointwise()) return 0;
  return static_cast<std::size_t>(block_rows(s, element) * s.out_w * s.window()) * element;
}

// columns (rows x out_w, kh, kw, depth) of output rows [first, first + rows) and one group of channels.
template <class T>
void unfold(const ConvShape& s, const T* x, Dim group, Dim first, Dim rows, T* columns) {
  const std::size_t run = static_cast<std::size_t>(s.depth) * sizeof(T);
  parallel_for(rows, 1 + 8192 / (s.out_w * s.window() + 1), [&](Dim begin, Dim end) {
    for (Dim row = begin; row < end; ++row) {
      const Dim image = (first + row) / s.out_h, oy = (first + row) % s.out_h;
      T* to = columns + row * s.out_w * s.window();
      for (Dim ox = 0; ox < s.out_w; ++ox)
        for (Dim ky = 0; ky < s.kh; ++ky) {
          const Dim y = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
          for (Dim kx = 0; kx < s.kw; ++kx, to += s.depth) {
            const Dim at = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
            if (y < 0 || y >= s.in_h || at < 0 || at >= s.in_w)
              std::memset(to, 0, run);
            else
              std::memcpy(to, x + ((image * s.in_h + y) * s.in_w + at) * s.channels + group * s.depth, run);
          }
        }
    }
  });
}

// Adds the columns of output rows [from, to) of one image to its input row y (gather: no two threads write one row).
template <class T>
void fold_row(const ConvShape& s, const T* columns, Dim from, Dim to, Dim y, T* row) {
  for (Dim ky = 0; ky < s.kh; ++ky) {
    const Dim down = y + s.pad_top - ky * s.dilation_h, oy = down / s.stride_h;
    if (down < 0 || down % s.stride_h != 0 || oy < from || oy >= to) continue;
    for (Dim kx = 0; kx < s.kw; ++kx)
      for (Dim ox = 0; ox < s.out_w; ++ox) {
        const Dim at = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
        if (at < 0 || at >= s.in_w) continue;
        const T* add = columns + (((oy - from) * s.out_w + ox) * s.kh * s.kw + ky * s.kw + kx) * s.depth;
        T* pixel = row + at * s.channels;
        for (Dim c = 0; c < s.depth; ++c) pixel[c] += add[c];
      }
  }
}

template <class T>
void fold(const ConvShape& s, const T* columns, Dim group, Dim first, Dim rows, T* dx) {
  const Dim first_image = first / s.out_h, last_image = (first + rows - 1) / s.out_h;
  parallel_for((last_image - first_image + 1) * s.in_h, 1 + 8192 / (s.in_w * s.window() + 1), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) {
      const Dim image = first_image + i / s.in_h, y = i % s.in_h;
      const Dim from = std::max<Dim>(0, first - image * s.out_h),
                to = std::min(s.out_h, first + rows - image * s.out_h);
      const T* block = columns + (image * s.out_h + from - first) * s.out_w * s.window();
      fold_row(s, block, from, to, y, dx + (image * s.in_h + y) * s.in_w * s.channels + group * s.depth);
    }
  });
}

// y rows (pixels, filters of the group) = columns (pixels, window) kernel (window, filters of the group)
GemmShape forward_product(const ConvShape& s, Dim pixels) {
  return {false, false, pixels, s.filters / s.groups, s.window(), s.window(), s.filters, s.filters};
}

template <class T>
std::unique_ptr<Kernel> conv_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<WindowAttrs>();
  const ConvShape s = conv_shape(p, spec.in[0].shape, spec.in[1].shape);
  const Dim step = block_rows(s, sizeof(T));
  const auto run = [s, step, has_bias = p.has_bias, activation = p.activation](const KernelArgs& args) {
    const T *x = args.input<T>(0), *kernel = args.input<T>(1), *bias = has_bias ? args.input<T>(2) : nullptr;
    T *y = args.output<T>(0), *columns = static_cast<T*>(args.workspace);
    const Dim width = s.filters / s.groups;
    for (Dim first = 0; first < s.batch * s.out_h; first += step) {
      const Dim rows = std::min(step, s.batch * s.out_h - first), pixels = rows * s.out_w;
      T* to = y + first * s.out_w * s.filters;
      for (Dim group = 0; group < s.groups; ++group) {
        if (!s.pointwise()) unfold(s, x, group, first, rows, columns);
        const T* from = s.pointwise() ? x + first * s.out_w * s.channels : columns;
        gemm(forward_product(s, pixels), T(1), from, kernel + group * width, T(0), to + group * width);
      }
      if (!bias && activation == FusedActivation::none) continue;
      parallel_for(pixels, 16384 / (s.filters + 1) + 1, [&](Dim begin, Dim end) {
        finish_rows(to + begin * s.filters, end - begin, s.filters, bias, activation);
      });
    }
  };
  return make_kernel(run, block_bytes(s, sizeof(T)));
}

// dx = fold(dy kernel^T)
template <class T>
std::unique_ptr<Kernel> input_grad_kernel(const KernelSpec& spec) {
  const ConvShape s = conv_shape(spec.attrs.as<WindowAttrs>(), spec.out[0].shape, spec.in[0].shape);
  const Dim step = block_rows(s, sizeof(T)), width = s.filters / s.groups;
  const std::size_t bytes = bytes_of(spec.out[0]);
  const auto run = [s, step, width, bytes](const KernelArgs& args) {
    const T *kernel = args.input<T>(0), *dy = args.input<T>(1);
    T *dx = args.output<T>(0), *columns = static_cast<T*>(args.workspace);
    if (!s.pointwise() && bytes > 0) std::memset(dx, 0, bytes);
    for (Dim first = 0; first < s.batch * s.out_h; first += step) {
      const Dim rows = std::min(step, s.batch * s.out_h - first), pixels = rows * s.out_w;
      const T* from = dy + first * s.out_w * s.filters;
      for (Dim group = 0; group < s.groups; ++group) {
        T* to = s.pointwise() ? dx + first * s.out_w * s.channels : columns;
        const GemmShape product{false, true, pixels, s.window(), width, s.filters, s.filters, s.window()};
        gemm(product, T(1), from + group * width, kernel + group * width, T(0), to);
        if (!s.pointwise()) fold(s, columns, group, first, rows, dx);
      }
    }
  };
  return make_kernel(run, block_bytes(s, sizeof(T)));
}

// dkernel (window, filters) = sum over blocks of columns^T dy
template <class T>
std::unique_ptr<Kernel> kernel_grad_kernel(const KernelSpec& spec) {
  const ConvShape s = conv_shape(spec.attrs.as<WindowAttrs>(), spec.in[0].shape, spec.out[0].shape);
  const Dim step = block_rows(s, sizeof(T)), width = s.filters / s.groups;
  const std::size_t bytes = bytes_of(spec.out[0]);
  const auto run = [s, step, width, bytes](const KernelArgs& args) {
    const T *x = args.input<T>(0), *dy = args.input<T>(1);
    T *dkernel = args.output<T>(0), *columns = static_cast<T*>(args.workspace);
    if (bytes > 0) std::memset(dkernel, 0, bytes);
    for (Dim first = 0; first < s.batch * s.out_h; first += step) {
      const Dim rows = std::min(step, s.batch * s.out_h - first), pixels = rows * s.out_w;
      const T* from = dy + first * s.out_w * s.filters;
      for (Dim group = 0; group < s.groups; ++group) {
        if (!s.pointwise()) unfold(s, x, group, first, rows, columns);
        const T* image = s.pointwise() ? x + first * s.out_w * s.channels : columns;
        const GemmShape product{true, false, s.window(), width, pixels, s.window(), s.filters, s.filters};
        gemm(product, T(1), image, from + group * width, T(1), dkernel + group * width);
      }
    }
  };
  return make_kernel(run, block_bytes(s, sizeof(T)));
}

}  // namespace

void register_conv_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kConv, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return conv_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kConvInputGrad, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return input_grad_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kConvKernelGrad, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return kernel_grad_kernel<T>(spec); });
  });
}

}  // namespace kerata::cpu
