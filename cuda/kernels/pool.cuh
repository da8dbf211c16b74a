// Pooling and its gradients on channels-last images; gradients are gathered, one thread an image element. In front:
// indexing.cuh; T, the elements; Acc, what is computed with; LOWEST, below every Acc.

struct Parameters {
  const T *x, *dy;
  T* out;
  long long total;
  Divide in_h, in_w, channels, out_h, out_w, stride_h, stride_w;
  long long pool_h, pool_w, pad_top, pad_left;
  int positive;  // relu's gradient: only where the maximum is positive
};

/// The part of a window that lies on the image.
struct Window {
  Index y0, y1, x0, x1;
};
KERATA_DEVICE Window window_at(const Parameters& p, Index oy, Index ox) {
  const Index y = oy * (Index)p.stride_h.divisor - (Index)p.pad_top;
  const Index x = ox * (Index)p.stride_w.divisor - (Index)p.pad_left;
  return {max(Index(0), y), min((Index)p.in_h.divisor, y + (Index)p.pool_h), max(Index(0), x),
          min((Index)p.in_w.divisor, x + (Index)p.pool_w)};
}
KERATA_DEVICE Index pixel_at(const Parameters& p, Index image, Index y, Index x) {
  return ((image * (Index)p.in_h.divisor + y) * (Index)p.in_w.divisor + x) * (Index)p.channels.divisor;
}

struct Best {
  Acc value;
  Index at;
};
/// The pixel of a window and channel that its maximum's gradient goes to: the first of equals. Beside NaN as XLA has it: a
/// pixel gives way to the next one unless it is at least as large.
KERATA_DEVICE Best find_best(const Parameters& p, Index image, const Window& w, Index channel) {
  Best best = {LOWEST, pixel_at(p, image, w.y0, w.x0) + channel};
  for (Index y = w.y0; y < w.y1; ++y)
    for (Index x = w.x0; x < w.x1; ++x) {
      const Index at = pixel_at(p, image, y, x) + channel;
      const Acc next = load(p.x + at);
      if (!(best.value >= next)) best = {next, at};
    }
  return best;
}
/// The largest number of a window and channel; NaN on the way makes NaN.
KERATA_DEVICE Acc find_max(const Parameters& p, Index image, const Window& w, Index channel) {
  Acc best = LOWEST;
  for (Index y = w.y0; y < w.y1; ++y)
    for (Index x = w.x0; x < w.x1; ++x) {
      const Acc next = load(p.x + pixel_at(p, image, y, x) + channel);
      if (!(best >= next) && best == best) best = next;
    }
  return best;
}

/// One element of the result.
struct Output {
  Index channel, x, y, image;
};
KERATA_DEVICE Output output_at(const Parameters& p, Index i) {
  const Index channel = take_rest(i, p.channels), x = take_rest(i, p.out_w), y = take_rest(i, p.out_h);
  return {channel, x, y, i};
}

KERATA_KERNEL(max_pool, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Output at = output_at(p, i);
    store(p.out + i, (typename Computed<T>::type)find_max(p, at.image, window_at(p, at.y, at.x), at.channel));
  }
}

/// dy at the maxima; dy is shaped like x.
KERATA_KERNEL(max_pool_gather, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Output at = output_at(p, i);
    const Best best = find_best(p, at.image, window_at(p, at.y, at.x), at.channel);
    p.out[i] = p.dy[best.at];
  }
}

/// dy where relu lets it through, for the sum over all pixels.
KERATA_KERNEL(max_pool_share, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Output at = output_at(p, i);
    p.out[i] = find_best(p, at.image, window_at(p, at.y, at.x), at.channel).value > Acc(0) ? p.dy[i] : T();
  }
}

KERATA_KERNEL(average_pool, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Output at = output_at(p, i);
    const Window w = window_at(p, at.y, at.x);
    Acc sum = 0;
    for (Index y = w.y0; y < w.y1; ++y)
      for (Index x = w.x0; x < w.x1; ++x) sum += load(p.x + pixel_at(p, at.image, y, x) + at.channel);
    store(p.out + i, (typename Computed<T>::type)(sum / (Acc)((w.y1 - w.y0) * (w.x1 - w.x0))));
  }
}

/// One element of an image, and the outputs whose windows it lies in.
struct Input {
  Index channel, image;
  Index y0, y1, x0, x1;
};
KERATA_DEVICE Input input_at(const Parameters& p, Index i) {
  const Index channel = take_rest(i, p.channels);
  const Index x = take_rest(i, p.in_w) + (Index)p.pad_left, y = take_rest(i, p.in_h) + (Index)p.pad_top;
  const Index first_y = max(Index(0), y - (Index)p.pool_h + (Index)p.stride_h.divisor);
  const Index first_x = max(Index(0), x - (Index)p.pool_w + (Index)p.stride_w.divisor);
  return {channel,
          i,
          quotient(first_y, p.stride_h),
          min((Index)p.out_h.divisor, quotient(y, p.stride_h) + 1),
          quotient(first_x, p.stride_w),
          min((Index)p.out_w.divisor, quotient(x, p.stride_w) + 1)};
}
KERATA_DEVICE Index output_element(const Parameters& p, const Input& in, Index oy, Index ox) {
  return ((in.image * (Index)p.out_h.divisor + oy) * (Index)p.out_w.divisor + ox) * (Index)p.channels.divisor +
         in.channel;
}

KERATA_KERNEL(max_pool_grad, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Input in = input_at(p, i);
    Acc sum = 0;
    for (Index oy = in.y0; oy < in.y1; ++oy)
      for (Index ox = in.x0; ox < in.x1; ++ox) {
        const Best best = find_best(p, in.image, window_at(p, oy, ox), in.channel);
        if (best.at != i || (p.positive && !(best.value > Acc(0)))) continue;
        sum += load(p.dy + output_element(p, in, oy, ox));
      }
    store(p.out + i, (typename Computed<T>::type)sum);
  }
}

KERATA_KERNEL(average_pool_grad, Parameters) {
  for (Index i = first_index(); i < (Index)p.total; i += index_step()) {
    const Input in = input_at(p, i);
    Acc sum = 0;
    for (Index oy = in.y0; oy < in.y1; ++oy)
      for (Index ox = in.x0; ox < in.x1; ++ox) {
        const Window w = window_at(p, oy, ox);
        sum += load(p.dy + output_element(p, in, oy, ox)) / (Acc)((w.y1 - w.y0) * (w.x1 - w.x0));
      }
    store(p.out + i, (typename Computed<T>::type)sum);
  }
}
