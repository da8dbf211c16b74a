// What every kernel's source begins with. Kernels are written once: NVRTC and nvcc compile them for the GPU; the tests
// compile the same text for the CPU, with a prelude of their own in place of this part (KERATA_HOST).
// Each kernel takes one struct of parameters: KERATA_KERNEL(name, Struct) { ... p.count ... }.
#ifndef KERATA_HOST
#define KERATA_ENTRY(name, Parameters) extern "C" __global__ void name(const __grid_constant__ Parameters p)
#define KERATA_CLUSTER_ENTRY(name, Parameters, blocks) \
  extern "C" __global__ void __cluster_dims__(blocks, 1, 1) name(const __grid_constant__ Parameters p)
#define KERATA_DEVICE static __device__ __forceinline__

KERATA_DEVICE float half_bits_to_float(unsigned short x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x));
  return y;
}
KERATA_DEVICE unsigned short float_to_half_bits(float x) {
  unsigned short y;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y) : "f"(x));
  return y;
}
#endif
#ifndef KERATA_KERNEL  // joined.cuh has another one
#define KERATA_KERNEL(name, Parameters) KERATA_ENTRY(name, Parameters)
#endif

/// Storage types of float16 and bfloat16: computed in float.
struct half_t {
  unsigned short bits;
};
struct bfloat_t {
  unsigned short bits;
};

KERATA_DEVICE float bits_to_float(unsigned int bits) {
  union {
    unsigned int u;
    float f;
  } both;
  both.u = bits;
  return both.f;
}
KERATA_DEVICE unsigned int float_to_bits(float x) {
  union {
    float f;
    unsigned int u;
  } both;
  both.f = x;
  return both.u;
}
/// Round to nearest, ties to even; NaN stays NaN.
#ifndef KERATA_HOST
KERATA_DEVICE bfloat_t float_to_bfloat(float x) {
  bfloat_t y;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
  return y;
}
#else
KERATA_DEVICE bfloat_t float_to_bfloat(float x) {
  const unsigned int bits = float_to_bits(x);
  if (x != x) return {(unsigned short)(bits >> 16 | 0x40u)};
  return {(unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
}
#endif

/// The value that is computed with, and back.
template <class T>
struct Computed {
  typedef T type;
};
template <>
struct Computed<half_t> {
  typedef float type;
};
template <>
struct Computed<bfloat_t> {
  typedef float type;
};
template <class T>
KERATA_DEVICE T load(const T* x) {
  return *x;
}
KERATA_DEVICE float load(const half_t* x) { return half_bits_to_float(x->bits); }
KERATA_DEVICE float load(const bfloat_t* x) { return bits_to_float((unsigned int)x->bits << 16); }
template <class T>
KERATA_DEVICE void store(T* to, T x) {
  *to = x;
}
KERATA_DEVICE void store(half_t* to, float x) { to->bits = float_to_half_bits(x); }
KERATA_DEVICE void store(bfloat_t* to, float x) { *to = float_to_bfloat(x); }
/// As if it were stored and loaded again.
template <class T>
KERATA_DEVICE float rounded(float x) {
  T stored;
  store(&stored, x);
  return load(&stored);
}

/// Where a kernel reports bad data: the layout of KernelStatus.
struct Status {
  int code;
  long long value, limit;
};
KERATA_DEVICE void report_index(Status* status, long long value, long long limit) {
  if (atomicCAS(&status->code, 0, 1) != 0) return;
  status->value = value;
  status->limit = limit;
}

/// The element that this thread begins with, and the distance to its next one.
KERATA_DEVICE long long first_index() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
KERATA_DEVICE long long index_step() { return (long long)gridDim.x * blockDim.x; }
