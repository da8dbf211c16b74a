// Max and average pooling and their gradients: direct loops, one SIMD register of channels at a time.
#include <algorithm>
#include <cstring>
#include <limits>

#include "backend/parallel.h"
#include "cpu/bfloat16_pack.h"
#include "cpu/conv_shape.h"
#include "cpu/nn_kernels.h"

namespace kerata::cpu {
namespace {

using ops::WindowAttrs;
using Target = KernelRegistry::Target;

// x (batch, in_h, in_w, channels), y (batch, out_h, out_w, channels)
ConvShape pool_shape(const KernelSpec& spec, const Shape& x) {
  const auto& p = spec.attrs.as<WindowAttrs>();
  return conv_shape(p, x, Shape{p.pool_h, p.pool_w, std::max<Dim>(1, x[3]), x[3]});
}

// The part of one window that lies on the image, and pointers to its pixels.
struct Window {
  Dim y0, y1, x0, x1;
  Dim count() const { return (y1 - y0) * (x1 - x0); }
};
inline Window window_at(const ConvShape& s, Dim oy, Dim ox) {
  const Dim y = oy * s.stride_h - s.pad_top, x = ox * s.stride_w - s.pad_left;
  return {std::max<Dim>(0, y), std::min(s.in_h, y + s.kh), std::max<Dim>(0, x), std::min(s.in_w, x + s.kw)};
}

template <class T>
constexpr T lowest() {
  if constexpr (std::numeric_limits<T>::has_infinity)
    return -std::numeric_limits<T>::infinity();
  else
    return std::numeric_limits<T>::lowest();
}

// What elements S in memory are computed in.
template <class S>
using Computed = std::conditional_t<std::is_same_v<S, BFloat16>, float, S>;

template <class S>
inline Pack<Computed<S>> read(const S* from, Dim n) {
  constexpr Dim kAll = kLanes<Computed<S>>;
  if constexpr (std::is_same_v<S, BFloat16>)
    return n == kAll ? load_wide(from, kAll) : load_wide(from, n);
  else
    return n == kAll ? load(from) : load_some(from, n);
}
template <class S>
inline void write(S* to, const Pack<Computed<S>>& pack, Dim n) {
  constexpr Dim kAll = kLanes<Computed<S>>;
  if constexpr (std::is_same_v<S, BFloat16>)
    n == kAll ? store_narrow(to, pack, kAll) : store_narrow(to, pack, n);
  else
    n == kAll ? store(to, pack) : store_some(to, pack, n);
}

// Calls body(pointer to the pixel's channels c ..) for each pixel of the window, row by row.
template <class T, class F>
inline void each_pixel(const ConvShape& s, const Window& w, T* image, Dim c, const F& body) {
  if (w.y1 - w.y0 == 2 && w.x1 - w.x0 == 2) {  // the usual window, without loops
    T *upper = image + (w.y0 * s.in_w + w.x0) * s.channels + c, *lower = upper + s.in_w * s.channels;
    body(upper), body(upper + s.channels), body(lower), body(lower + s.channels);
    return;
  }
  for (Dim y = w.y0; y < w.y1; ++y)
    for (Dim x = w.x0; x < w.x1; ++x) body(image + (y * s.in_w + x) * s.channels + c);
}

// NaN on the way makes NaN, as in Keras on JAX.
template <class S, class T = Computed<S>>
inline Pack<T> window_max(const ConvShape& s, const Window& w, const S* image, Dim c, Dim n) {
  Pack<T> best = splat(lowest<T>());
  each_pixel(s, w, image, c, [&](const S* pixel) {
    const Pack<T> next = read(pixel, n);
    best = ((best >= next) | (best != best)) ? best : next;
  });
  return best;
}

// The pixel of a window that its maximum's gradient goes to: the first of equals. Beside NaN as XLA has it: a pixel
// gives way to the next one unless it is at least as large.
template <class T>
struct Choice {
  Pack<T> value;
  decltype(Pack<T>{} == Pack<T>{}) place;  // in the order of each_pixel
};
template <class S, class T = Computed<S>>
inline Choice<T> window_choice(const ConvShape& s, const Window& w, const S* image, Dim c, Dim n) {
  Choice<T> chosen{splat(lowest<T>()), {}};
  decltype(chosen.place) place{};
  each_pixel(s, w, image, c, [&](const S* pixel) {
    const Pack<T> next = read(pixel, n);
    const auto stays = chosen.value >= next;
    chosen.value = stays ? chosen.value : next;
    chosen.place = stays ? chosen.place : place;
    place += 1;
  });
  return chosen;
}

// Calls body(image, window, output pixel, first channel, channels) for all outputs of output rows [begin, end).
template <class T, class F>
inline void each_output(const ConvShape& s, Dim begin, Dim end, const F& body) {
  for (Dim row = begin; row < end; ++row)
    for (Dim ox = 0; ox < s.out_w; ++ox) {
      const Window w = window_at(s, row % s.out_h, ox);
      for (Dim c = 0; c < s.channels; c += kLanes<T>)
        body(row / s.out_h, w, (row * s.out_w + ox) * s.channels + c, c, std::min(kLanes<T>, s.channels - c));
    }
}

Dim row_grain(const ConvShape& s) { return 1 + 16384 / (s.out_w * s.channels * s.kh * s.kw + 1); }

// With relu (activation) it is that of the maxima.
template <class S, class T = Computed<S>>
std::unique_ptr<Kernel> max_kernel(const KernelSpec& spec) {
  const bool positive = spec.attrs.as<WindowAttrs>().activation == ops::FusedActivation::relu;
  return make_kernel([s = pool_shape(spec, spec.in[0].shape), positive](const KernelArgs& args) {
    parallel_for(s.batch * s.out_h, row_grain(s), [&](Dim begin, Dim end) {
      each_output<T>(s, begin, end, [&](Dim image, const Window& w, Dim at, Dim c, Dim n) {
        const S* x = args.input<S>(0) + image * s.in_h * s.in_w * s.channels;
        Pack<T> best = window_max(s, w, x, c, n);
        if (positive) best = best <= Pack<T>{} ? Pack<T>{} : best;
        write(args.output<S>(0) + at, best, n);
      });
    });
  });
}

template <class S, class T = Computed<S>>
std::unique_ptr<Kernel> average_kernel(const KernelSpec& spec) {
  return make_kernel([s = pool_shape(spec, spec.in[0].shape)](const KernelArgs& args) {
    parallel_for(s.batch * s.out_h, row_grain(s), [&](Dim begin, Dim end) {
      each_output<T>(s, begin, end, [&](Dim image, const Window& w, Dim at, Dim c, Dim n) {
        Pack<T> total{};
        each_pixel(s, w, args.input<S>(0) + image * s.in_h * s.in_w * s.channels, c,
                   [&](const S* pixel) { total += read(pixel, n); });
        write(args.output<S>(0) + at, Pack<T>(total / static_cast<T>(w.count())), n);
      });
    });
  });
}

// Windows that share no pixel, and those that also leave none out.
bool are_apart(const ConvShape& s) { return s.stride_h >= s.kh && s.stride_w >= s.kw; }
bool tile_image(const ConvShape& s) {
  return s.stride_h == s.kh && s.stride_w == s.kw && s.out_h * s.kh == s.in_h && s.out_w * s.kw == s.in_w;
}

// Runs body over the output rows, after clearing dx: whole images per thread, since windows may share pixels.
template <class S, class F>
void scatter_images(const ConvShape& s, S* dx, bool clear, const F& body) {
  const Dim size = s.in_h * s.in_w * s.channels;
  parallel_for(s.batch, 1 + 8192 / (size + 1), [&](Dim begin, Dim end) {
    for (Dim image = begin; image < end; ++image) {
      if (clear) std::memset(dx + image * size, 0, static_cast<std::size_t>(size) * sizeof(S));
      body(image * s.out_h, (image + 1) * s.out_h);
    }
  });
}

// dx += dy at the chosen pixels; apart: nothing was there before.
template <class S, class T = Computed<S>>
inline void max_scatter(const ConvShape& s, const Window& w, S* dx, bool apart, const Choice<T>& chosen,
                        const Pack<T>& dy, Dim c, Dim n) {
  decltype(chosen.place) place{};
  each_pixel(s, w, dx, c, [&](S* pixel) {
    const Pack<T> here = chosen.place == place ? dy : Pack<T>{};
    write(pixel, apart ? here : Pack<T>(read(pixel, n) + here), n);
    place += 1;
  });
}

// As a part of relu's way back (activation relu), dy counts only where the chosen value is positive; has_bias: the sum
// of dx over all pixels, which is that of these dy, per image into `sums` (batch, channels) and then in order.
template <class S, class T = Computed<S>>
std::unique_ptr<Kernel> max_grad_kernel(const KernelSpec& spec) {
  const auto& p = spec.attrs.as<WindowAttrs>();
  const ConvShape s = pool_shape(spec, spec.in[0].shape);
  const bool positive = p.activation == ops::FusedActivation::relu, has_bias = p.has_bias, apart = are_apart(s);
  if (!apart && !std::is_same_v<S, T>) return nullptr;
  const auto run = [s, positive, has_bias, apart](const KernelArgs& args) {
    S* dx = args.output<S>(0);
    T *sums = static_cast<T*>(args.workspace), *total = sums + s.batch * s.channels;
    if (has_bias) std::fill_n(sums, (s.batch + 1) * s.channels, T(0));
    scatter_images(s, dx, !tile_image(s), [&](Dim first, Dim last) {
      each_output<T>(s, first, last, [&](Dim image, const Window& w, Dim at, Dim c, Dim n) {
        const Dim offset = image * s.in_h * s.in_w * s.channels;
        const Choice<T> chosen = window_choice(s, w, args.input<S>(0) + offset, c, n);
        Pack<T> dy = read(args.input<S>(1) + at, n);
        if (positive) dy = chosen.value > T(0) ? dy : Pack<T>{};
        if (has_bias) write(sums + image * s.channels + c, Pack<T>(dy + read(sums + image * s.channels + c, n)), n);
        max_scatter(s, w, dx + offset, apart, chosen, dy, c, n);
      });
    });
    if (!has_bias) return;
    for (Dim image = 0; image < s.batch; ++image)
      for (Dim c = 0; c < s.channels; ++c) total[c] += sums[image * s.channels + c];
    for (Dim c = 0; c < s.channels; c += kLanes<T>) {
      const Dim n = std::min(kLanes<T>, s.channels - c);
      write(args.output<S>(1) + c, read(total + c, n), n);
    }
  };
  return make_kernel(run, has_bias ? static_cast<std::size_t>((s.batch + 1) * s.channels) * sizeof(T) : 0);
}

// y: v at the chosen pixel.
template <class T>
std::unique_ptr<Kernel> max_gather_kernel(const KernelSpec& spec) {
  return make_kernel([s = pool_shape(spec, spec.in[0].shape)](const KernelArgs& args) {
    parallel_for(s.batch * s.out_h, row_grain(s), [&](Dim begin, Dim end) {
      each_output<T>(s, begin, end, [&](Dim image, const Window& w, Dim at, Dim c, Dim n) {
        const T* x = args.input<T>(0) + image * s.in_h * s.in_w * s.channels;
        const T* v = args.input<T>(1) + image * s.in_h * s.in_w * s.channels;
        const Choice<T> chosen = window_choice(s, w, x, c, n);
        decltype(chosen.place) place{};
        Pack<T> value{};
        each_pixel(s, w, v, c, [&](const T* pixel) {
          value = chosen.place == place ? read(pixel, n) : value;
          place += 1;
        });
        write(args.output<T>(0) + at, value, n);
      });
    });
  });
}

template <class S, class T = Computed<S>>
std::unique_ptr<Kernel> average_grad_kernel(const KernelSpec& spec) {
  const ConvShape s = pool_shape(spec, spec.out[0].shape);
  if (!are_apart(s) && !std::is_same_v<S, T>) return nullptr;
  return make_kernel([s](const KernelArgs& args) {
    S* dx = args.output<S>(0);
    scatter_images(s, dx, true, [&](Dim first, Dim last) {
      each_output<T>(s, first, last, [&](Dim image, const Window& w, Dim at, Dim c, Dim n) {
        const Pack<T> share = read(args.input<S>(0) + at, n) / static_cast<T>(w.count());
        each_pixel(s, w, dx + image * s.in_h * s.in_w * s.channels, c,
                   [&](S* pixel) { write(pixel, Pack<T>(read(pixel, n) + share), n); });
      });
    });
  });
}

// float, double and bfloat16. Where windows share pixels, gradients of the latter decline: their sums would be rounded
// at each step.
template <class F>
std::unique_ptr<Kernel> for_images(const KernelSpec& spec, const F& make) {
  return spec.in[0].dtype == DType::bfloat16 ? make.template operator()<BFloat16>() : for_floating(spec, make);
}

std::unique_ptr<Kernel> prepare_max(const KernelSpec& spec) {
  switch (spec.in[0].dtype) {
    case DType::int8:
      return max_kernel<std::int8_t>(spec);
    case DType::int16:
      return max_kernel<std::int16_t>(spec);
    case DType::int32:
      return max_kernel<std::int32_t>(spec);
    case DType::int64:
      return max_kernel<std::int64_t>(spec);
    case DType::uint8:
      return max_kernel<std::uint8_t>(spec);
    default:
      return for_images(spec, [&]<class S>() { return max_kernel<S>(spec); });
  }
}

}  // namespace

void register_pool_kernels(KernelRegistry& registry) {
  registry.add(Target::cpu, ops::kMaxPool, prepare_max);
  registry.add(Target::cpu, ops::kMaxPoolGrad, [](const KernelSpec& spec) {
    return for_images(spec, [&]<class S>() { return max_grad_kernel<S>(spec); });
  });
  registry.add(Target::cpu, ops::kMaxPoolGather, [](const KernelSpec& spec) {
    return for_floating(spec, [&]<class T>() { return max_gather_kernel<T>(spec); });
  });
  registry.add(Target::cpu, ops::kAveragePool, [](const KernelSpec& spec) {
    return for_images(spec, [&]<class S>() { return average_kernel<S>(spec); });
  });
  registry.add(Target::cpu, ops::kAveragePoolGrad, [](const KernelSpec& spec) {
    return for_images(spec, [&]<class S>() { return average_grad_kernel<S>(spec); });
  });
}

}  // namespace kerata::cpu
