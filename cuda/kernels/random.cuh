// Random numbers. A thread takes a Philox block a turn: four elements, of 64 bits two. Compiled without contraction of
// products and sums, so that uniform numbers are those of the CPU.
/// Elements of a block of words.
template <class T>
struct PerBlock {
  enum { value = sizeof(T) == 8 ? 2 : 4 };
};

/// [0, 1) with all bits that T holds.
KERATA_DEVICE float unit(const Words& words, int i, float) { return (float)(words.w[i] >> 8) * 5.9604644775390625e-8f; }
KERATA_DEVICE double unit(const Words& words, int i, double) {
  return (double)(word64(words, i) >> 11) * 1.1102230246251565404e-16;
}

/// a + u b, at most c.
template <class T>
struct Uniform {
  enum { per_block = PerBlock<T>::value };
  typedef T Result;
  KERATA_DEVICE void make(const RandomParameters& p, const Words& words, T* v) {
    const T low = (T)p.a, range = (T)p.b, most = (T)p.c;
    for (int k = 0; k < per_block; ++k) {
      const T x = low + unit(words, k, T()) * range;
      v[k] = most < x ? most : x;
    }
  }
};

/// a + b z; Box and Muller: two uniform numbers give two normal ones.
template <class T>
struct Normal {
  enum { per_block = PerBlock<T>::value };
  typedef T Result;
  KERATA_DEVICE void make(const RandomParameters& p, const Words& words, T* v) {
    for (int k = 0; k < per_block; k += 2) {
      const T radius = op_sqrt(T(-2) * op_log(T(1) - unit(words, k, T())));
      const T angle = unit(words, k + 1, T()) * (T)6.283185307179586477;
      v[k] = (T)p.a + (T)p.b * (radius * op_cos(angle));
      v[k + 1] = (T)p.a + (T)p.b * (radius * op_sin(angle));
    }
  }
};

/// The inverse of the normal distribution function for 0.02 < p < 0.98 (Wichura 1988, algorithm AS 241, PPND16).
KERATA_DEVICE double ratio(const double* a, const double* b, double r) {
  double top = a[7], bottom = b[7];
#pragma unroll
  for (int i = 6; i >= 0; --i) top = top * r + a[i], bottom = bottom * r + b[i];
  return top / bottom;
}
KERATA_DEVICE double normal_quantile(double p) {
  const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                      1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                      3.3430575583588128105e4, 2.5090809287301226727e3};
  const double b[] = {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                      2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
                      5.2264952788528545610e3};
  const double c[] = {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
                      3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
                      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  const double d[] = {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
                      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                      1.05075007164441684324e-9};
  const double q = p - 0.5;
  if (fabs(q) <= 0.425) return q * ratio(a, b, 0.180625 - q * q);
  const double z = ratio(c, d, sqrt(-log(q < 0 ? p : 1 - p)) - 1.6);
  return q < 0 ? -z : z;
}

/// a + b z with z within two standard deviations; c: the distribution function at -2.
template <class T>
struct TruncatedNormal {
  enum { per_block = PerBlock<T>::value };
  typedef T Result;
  KERATA_DEVICE void make(const RandomParameters& p, const Words& words, T* v) {
    const double half = sizeof(T) == 8 ? 5.5511151231257827021e-17 : 2.98023223876953125e-8;  // half of a step
    for (int k = 0; k < per_block; ++k) {
      const double z = normal_quantile(p.c + (1 - 2 * p.c) * ((double)unit(words, k, T()) + half));
      v[k] = (T)(p.a + p.b * (z < -2 ? -2 : z > 2 ? 2 : z));
    }
  }
};

/// 1 where the upper 24 bits of a word lie below `range`: the same truth values for every type.
template <class T>
struct Bernoulli {
  enum { per_block = 4 };
  typedef T Result;
  KERATA_DEVICE void make(const RandomParameters& p, const Words& words, T* v) {
    for (int k = 0; k < per_block; ++k) v[k] = (words.w[k] >> 8) < p.range ? T(1) : T(0);
  }
};

/// low + one of [0, range)
template <class T>
struct RandomInteger {
  enum { per_block = 2 };
  typedef T Result;
  KERATA_DEVICE void make(const RandomParameters& p, const Words& words, T* v) {
    for (int k = 0; k < per_block; ++k) v[k] = (T)(p.low + (long long)__umul64hi(word64(words, k), p.range));
  }
};

template <class T, int kCount>
struct alignas(kCount * sizeof(T)) Drawn {
  T v[kCount];
};

template <class Draw>
KERATA_DEVICE void draw(const RandomParameters& p) {
  typedef typename Draw::Result T;
  enum { each = Draw::per_block };
  typedef Drawn<T, each> Pack;
  const unsigned long long key = random_key(p.state);
  const bool aligned = (unsigned long long)p.out % sizeof(Pack) == 0;
  for (long long block = first_index(); block * each < p.count; block += index_step()) {
    Pack pack;
    Draw::make(p, philox(key, p.stream, (unsigned long long)block), pack.v);
    T* out = (T*)p.out + block * each;
    if (aligned && (block + 1) * each <= p.count) {
      *(Pack*)out = pack;
      continue;
    }
    for (int k = 0; k < each && block * each + k < p.count; ++k) out[k] = pack.v[k];
  }
}
