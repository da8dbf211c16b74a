// Optimizer steps over many variables: a block takes a tile of one segment. Rules change one element: w[0] is the
// weight, w[1], w[2] .. its slots.
using namespace kerata::cuda;

KERATA_DEVICE double number_at(const void* x, int type) {
  if (type == 0) return *(const float*)x;
  if (type == 1) return *(const double*)x;
  return type == 2 ? (double)*(const int*)x : (double)*(const long long*)x;
}

/// w -= rate g; with momentum: m = momentum m - rate g, w += m (nesterov: w += momentum m - rate g)
template <class T, bool kMomentum, bool kNesterov>
struct Sgd {
  enum { kinds = kMomentum ? 2 : 1 };
  T rate, momentum;
  KERATA_DEVICE Sgd of(const StepParameters& p) { return {(T)number_at(p.rate, p.rate_type), (T)p.a}; }
  __device__ __forceinline__ void apply(T* w, T g) const {
    if (!kMomentum) {
      w[0] -= rate * g;
      return;
    }
    w[1] = momentum * w[1] - rate * g;
    w[0] += kNesterov ? momentum * w[1] - rate * g : w[1];
  }
};

/// v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v (- mean_g^2) + eps), through a momentum if there is one
template <class T, bool kMomentum, bool kCentered>
struct Rmsprop {
  enum { kinds = 2 + kMomentum + kCentered, mean = kMomentum ? 3 : 2 };
  T rate, rho, rest, momentum, epsilon;
  KERATA_DEVICE Rmsprop of(const StepParameters& p) {
    return {(T)number_at(p.rate, p.rate_type), (T)p.a, (T)(1 - p.a), (T)p.b, (T)p.epsilon};
  }
  __device__ __forceinline__ void apply(T* w, T g) const {
    w[1] = rho * w[1] + rest * (g * g);
    T under = w[1] + epsilon;
    if (kCentered) {
      w[mean] = rho * w[mean] + rest * g;
      under = w[1] - w[mean] * w[mean] + epsilon;
    }
    T change = rate * g / op_sqrt(under);
    if (kMomentum) change = w[2] = momentum * w[2] + change;
    w[0] -= change;
  }
};

/// m += (g - m)(1 - b1), v += (g^2 - v)(1 - b2), w -= m alpha / (sqrt(v) + eps), alpha = rate sqrt(1 - b2^t) / (1 -
/// b1^t)
template <class T, bool kAmsgrad>
struct Adam {
  enum { kinds = 3 + kAmsgrad };
  T alpha, rest_1, rest_2, epsilon;
  KERATA_DEVICE Adam of(const StepParameters& p) {
    const double t = number_at(p.step, p.step_type) + 1;
    const double alpha = number_at(p.rate, p.rate_type) * sqrt(1 - pow(p.b, t)) / (1 - pow(p.a, t));
    return {(T)alpha, (T)(1 - p.a), (T)(1 - p.b), (T)p.epsilon};
  }
  __device__ __forceinline__ void apply(T* w, T g) const {
    w[1] += (g - w[1]) * rest_1;
    w[2] += (g * g - w[2]) * rest_2;
    T v = w[2];
    if (kAmsgrad) v = w[3] = w[3] < w[2] ? w[2] : w[3];
    w[0] -= alpha * w[1] / (op_sqrt(v) + epsilon);
  }
};

template <class T, class Half>
KERATA_DEVICE Quad<T> load_gradients(const StepSegment& s, long long at, bool aligned) {
  if (!s.narrow) return load_quad((const T*)s.gradient + at, aligned);
  const Quad<Half> narrow = load_quad((const Half*)s.gradient + at, aligned);
  Quad<T> g;
#pragma unroll
  for (int k = 0; k < 4; ++k) g.v[k] = load(&narrow.v[k]);
  return g;
}

template <class T, class Half, class Rule>
KERATA_DEVICE void step_four(const StepSegment& s, const Rule& rule, long long at, bool aligned) {
  enum { kinds = Rule::kinds };
  const Quad<T> g = load_gradients<T, Half>(s, at, aligned);
  Quad<T> w[kinds];
#pragma unroll
  for (int kind = 0; kind < kinds; ++kind) w[kind] = load_quad((const T*)s.kinds[kind] + at, aligned);
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    T element[kinds];
#pragma unroll
    for (int kind = 0; kind < kinds; ++kind) element[kind] = w[kind].v[k];
    rule.apply(element, g.v[k]);
#pragma unroll
    for (int kind = 0; kind < kinds; ++kind) w[kind].v[k] = element[kind];
  }
#pragma unroll
  for (int kind = 0; kind < kinds; ++kind) store_quad((T*)s.kinds[kind] + at, w[kind], aligned);
}
template <class T, class Half, class Rule>
KERATA_DEVICE void step_one(const StepSegment& s, const Rule& rule, long long at) {
  enum { kinds = Rule::kinds };
  T element[kinds];
#pragma unroll
  for (int kind = 0; kind < kinds; ++kind) element[kind] = ((const T*)s.kinds[kind])[at];
  rule.apply(element, s.narrow ? load((const Half*)s.gradient + at) : ((const T*)s.gradient)[at]);
#pragma unroll
  for (int kind = 0; kind < kinds; ++kind) ((T*)s.kinds[kind])[at] = element[kind];
}

/// The rule's factors are made by one thread of the block: powers in double are dear. Half: of narrow gradients, or T.
template <class T, class Half, class Rule>
KERATA_DEVICE void step_segments(const StepParameters& p) {
  if (p.gate && !*p.gate) return;  // the whole block
  __shared__ Rule shared;
  if (threadIdx.x == 0) shared = Rule::of(p);
  __syncthreads();
  const Rule rule = shared;
  for (int tile = blockIdx.x; tile < p.num_tiles; tile += gridDim.x) {
    const StepSegment& s = segment_of_tile(p.segments, p.num_segments, tile);
    const long long first = (long long)(tile - s.first_tile) * kStepTile;
    const long long end = min(s.count, first + kStepTile);
    const bool aligned = s.aligned;
    const long long whole = end - end % 4;  // segments begin at tiles, and these at multiples of four
    for (long long at = first + 4 * threadIdx.x; at < whole; at += 4 * kThreads) step_four<T, Half>(s, rule, at, aligned);
    if (whole + threadIdx.x < end) step_one<T, Half>(s, rule, whole + threadIdx.x);
  }
}
