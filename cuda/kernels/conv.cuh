// The operands of a convolution and of its gradients, as products of matrices that are never stored: PASS 0 forward,
// 1 the gradient of the images, 2 that of the kernel. Batch elements of the product are groups of channels. In front:
// gemm_result.cuh.

struct Parameters {
  Product product;
  Acc* partial;
  const T* images;  // (batch, in_h, in_w, channels)
  const T* kernel;  // (kh, kw, depth, filters)
  const T* dy;      // (batch, out_h, out_w, filters)
  long long in_h, in_w, channels, out_h, out_w, filters;
  long long stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  Divide depth, width;  // channels and filters of a group
  Divide kw, in_h_by, in_w_by, out_h_by, out_w_by, stride_h_by, stride_w_by;
};

/// A pixel of an image, or a place in the window: their sum is where the kernel meets the image.
struct Spot {
  Index first, y, x;  // first: of the image, in pixels; of the window: the channel
};
typedef Index BatchPlace;  // the group
KERATA_DEVICE Index batch_of(const Parameters&, Index group) { return group; }

/// Output pixel number `pixel`: where its window begins on the image.
KERATA_DEVICE Spot output_pixel(const Parameters& p, Index pixel) {
  const Index x = take_rest(pixel, p.out_w_by), y = take_rest(pixel, p.out_h_by);
  return {pixel * (Index)(p.in_h * p.in_w), y * (Index)p.stride_h - (Index)p.pad_top,
          x * (Index)p.stride_w - (Index)p.pad_left};
}
/// Element k of a window of `each` channels.
KERATA_DEVICE Spot window_spot(const Parameters& p, Index k, const Divide& each) {
  const Index channel = take_rest(k, each), x = take_rest(k, p.kw);
  return {channel, k * (Index)p.dilation_h, x * (Index)p.dilation_w};
}
KERATA_DEVICE Acc image_value(const Parameters& p, Index group, const Spot& pixel, const Spot& window) {
  const Index y = pixel.y + window.y, x = pixel.x + window.x;
  if (y < 0 || x < 0 || y >= (Index)p.in_h || x >= (Index)p.in_w) return 0;
  const Index at = (pixel.first + y * (Index)p.in_w + x) * (Index)p.channels;
  return (Acc)load(p.images + (at + group * (Index)p.depth.divisor + window.first));
}

#if PASS == 0
typedef Spot RowPlace;
typedef Index ColumnPlace;
KERATA_DEVICE Spot row_of_a(const Parameters& p, Index pixel) { return output_pixel(p, pixel); }
KERATA_DEVICE Spot depth_of_a(const Parameters& p, Index k) { return window_spot(p, k, p.depth); }
KERATA_DEVICE Acc value_a(const Parameters& p, Index group, const Spot& pixel, const Spot& window) {
  return image_value(p, group, pixel, window);
}
KERATA_DEVICE Index column_of_b(const Parameters&, Index filter) { return filter; }
KERATA_DEVICE Index depth_of_b(const Parameters& p, Index k) { return k * (Index)p.filters; }
KERATA_DEVICE Acc value_b(const Parameters& p, Index group, Index filter, Index k) {
  return (Acc)load(p.kernel + (k + group * (Index)p.width.divisor + filter));
}
#elif PASS == 1
typedef Spot RowPlace;
typedef Index ColumnPlace;
KERATA_DEVICE Spot row_of_a(const Parameters& p, Index pixel) {
  const Index x = take_rest(pixel, p.in_w_by), y = take_rest(pixel, p.in_h_by);
  return {pixel * (Index)(p.out_h * p.out_w), y + (Index)p.pad_top, x + (Index)p.pad_left};
}
KERATA_DEVICE Spot depth_of_a(const Parameters& p, Index k) { return window_spot(p, k, p.width); }
/// The output pixel whose window has this image pixel at this place, if there is one.
KERATA_DEVICE Acc value_a(const Parameters& p, Index group, const Spot& pixel, const Spot& window) {
  Index y = pixel.y - window.y, x = pixel.x - window.x;
  if (y < 0 || x < 0) return 0;
  if (take_rest(y, p.stride_h_by) != 0 || take_rest(x, p.stride_w_by) != 0) return 0;
  if (y >= (Index)p.out_h || x >= (Index)p.out_w) return 0;
  const Index at = (pixel.first + y * (Index)p.out_w + x) * (Index)p.filters;
  return (Acc)load(p.dy + (at + group * (Index)p.width.divisor + window.first));
}
KERATA_DEVICE Index column_of_b(const Parameters& p, Index channel) { return channel * (Index)p.filters; }
KERATA_DEVICE Index depth_of_b(const Parameters& p, Index k) {
  const Index filter = take_rest(k, p.width);
  return k * (Index)(p.depth.divisor * p.filters) + filter;
}
KERATA_DEVICE Acc value_b(const Parameters& p, Index group, Index channel, Index k) {
  return (Acc)load(p.kernel + (k + channel + group * (Index)p.width.divisor));
}
#else
typedef Spot RowPlace;
typedef Index ColumnPlace;
KERATA_DEVICE Spot row_of_a(const Parameters& p, Index row) { return window_spot(p, row, p.depth); }
KERATA_DEVICE Spot depth_of_a(const Parameters& p, Index pixel) { return output_pixel(p, pixel); }
KERATA_DEVICE Acc value_a(const Parameters& p, Index group, const Spot& window, const Spot& pixel) {
  return image_value(p, group, pixel, window);
}
KERATA_DEVICE Index column_of_b(const Parameters&, Index filter) { return filter; }
KERATA_DEVICE Index depth_of_b(const Parameters& p, Index pixel) { return pixel * (Index)p.filters; }
KERATA_DEVICE Acc value_b(const Parameters& p, Index group, Index filter, Index pixel) {
  return (Acc)load(p.dy + (pixel + group * (Index)p.width.divisor + filter));
}
#endif
