// What kernels are compiled with for the CPU, in place of the compiler's own names on a GPU. No headers: each kernel of
// a test is compiled once, and this text is most of it.
#pragma once

#define KERATA_HOST
#define KERATA_DEVICE static inline
#define __device__
#define __global__
#define __forceinline__ inline
#define __restrict__
#define __launch_bounds__(...)
#define __shared__ static

struct uint3 {
  unsigned x, y, z;
};
// What has no value of its own lies in .bss: that is shared memory, which has no content when a block begins.
#define KERATA_OWN __attribute__((section(".data")))
extern "C" {
KERATA_OWN uint3 threadIdx, blockIdx, blockDim, gridDim;  // set by the emulated driver
KERATA_OWN void (*kerata_block_barrier)();
KERATA_OWN void (*kerata_warp_barrier)();
KERATA_OWN void (*kerata_cluster_barrier)();
}

#define KERATA_ENTRY(name, Parameters)                                                              \
  static void name##_thread(const Parameters& p);                                                   \
  extern "C" {                                                                                      \
  extern const unsigned name##_bytes;                                                               \
  const unsigned name##_bytes = sizeof(Parameters);                                                 \
  void name(const void* parameters) { name##_thread(*static_cast<const Parameters*>(parameters)); } \
  }                                                                                                 \
  static void name##_thread(const Parameters& p)
// The emulated driver looks for the number of blocks of a cluster.
#define KERATA_CLUSTER_ENTRY(name, Parameters, blocks) \
  extern "C" {                                         \
  extern const unsigned name##_cluster;                \
  const unsigned name##_cluster = blocks;              \
  }                                                    \
  KERATA_ENTRY(name, Parameters)

static inline void __syncthreads() { kerata_block_barrier(); }
static inline void __syncwarp(unsigned = ~0u) { kerata_warp_barrier(); }

// Shuffles: every lane writes its value, then reads another's.
KERATA_OWN static unsigned long long kerata_lanes[1024];
template <class T>
static inline T kerata_exchange(T value, unsigned from) {
  static_assert(sizeof(T) <= 8, "");
  const unsigned self = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  __builtin_memcpy(&kerata_lanes[self], &value, sizeof value);
  kerata_warp_barrier();
  T result = value;
  if (from < 32 && self / 32 * 32 + from < blockDim.x * blockDim.y * blockDim.z)
    __builtin_memcpy(&result, &kerata_lanes[self / 32 * 32 + from], sizeof result);
  kerata_warp_barrier();
  return result;
}
static inline unsigned kerata_lane() {
  return (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % 32;
}
template <class T>
static inline T __shfl_down_sync(unsigned, T value, unsigned delta) {
  return kerata_exchange(value, kerata_lane() + delta);
}
template <class T>
static inline T __shfl_up_sync(unsigned, T value, unsigned delta) {
  return kerata_exchange(value, kerata_lane() >= delta ? kerata_lane() - delta : 32);
}
template <class T>
static inline T __shfl_xor_sync(unsigned, T value, unsigned mask) {
  return kerata_exchange(value, kerata_lane() ^ mask);
}
template <class T>
static inline T __shfl_sync(unsigned, T value, unsigned lane) {
  return kerata_exchange(value, lane % 32);
}

template <class T, class U>
static inline T atomicAdd(T* to, U value) {
  const T old = *to;
  *to = old + static_cast<T>(value);
  return old;
}
template <class T>
static inline T atomicCAS(T* to, T expected, T value) {
  const T old = *to;
  if (old == expected) *to = value;
  return old;
}
template <class T>
static inline T atomicExch(T* to, T value) {
  const T old = *to;
  *to = value;
  return old;
}
template <class T>
static inline T atomicMax(T* to, T value) {
  const T old = *to;
  if (value > old) *to = value;
  return old;
}
template <class T>
static inline T atomicMin(T* to, T value) {
  const T old = *to;
  if (value < old) *to = value;
  return old;
}
template <class T>
static inline T __ldg(const T* x) {
  return *x;
}
static inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32);
}
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __uint_as_float(unsigned x) {
  float y;
  __builtin_memcpy(&y, &x, 4);
  return y;
}
static inline unsigned __float_as_uint(float x) {
  unsigned y;
  __builtin_memcpy(&y, &x, 4);
  return y;
}
template <class T>
static inline T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
static inline T max(T a, T b) {
  return a < b ? b : a;
}

extern "C" {
#define KERATA_MATHS(name)       \
  float name##f(float) noexcept; \
  double name(double) noexcept;
KERATA_MATHS(sqrt)
KERATA_MATHS(floor)
KERATA_MATHS(ceil)
KERATA_MATHS(rint)
KERATA_MATHS(trunc)
KERATA_MATHS(exp)
KERATA_MATHS(expm1)
KERATA_MATHS(log)
KERATA_MATHS(log1p)
KERATA_MATHS(tanh)
KERATA_MATHS(erf)
KERATA_MATHS(sin)
KERATA_MATHS(cos)
KERATA_MATHS(tan)
KERATA_MATHS(fabs)
#undef KERATA_MATHS
float powf(float, float) noexcept;
double pow(double, double) noexcept;
float fmaf(float, float, float) noexcept;
double fma(double, double, double) noexcept;
}
static inline float half_bits_to_float(unsigned short x) {
  _Float16 h;
  __builtin_memcpy(&h, &x, 2);
  return static_cast<float>(h);
}
static inline unsigned short float_to_half_bits(float x) {
  const _Float16 h = static_cast<_Float16>(x);
  unsigned short bits;
  __builtin_memcpy(&bits, &h, 2);
  return bits;
}
