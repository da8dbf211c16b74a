// Pack<T>: one SIMD register of T (GCC and Clang vector extensions), as wide as the target machine has.
#pragma once

#include <cstdint>
#include <cstring>

namespace kerata::cpu {

inline constexpr int kPackBytes = __BIGGEST_ALIGNMENT__;  // 64 with AVX-512, 32 with AVX, else 16

template <class T, int kBytes>
struct PackType {
  typedef T type __attribute__((vector_size(kBytes)));
};
template <class T, int kBytes = kPackBytes>
using Pack = typename PackType<T, kBytes>::type;
template <class T>
inline constexpr std::int64_t kLanes = kPackBytes / static_cast<int>(sizeof(T));

template <class T, int kBytes = kPackBytes>
inline Pack<T, kBytes> load(const T* from) {
  Pack<T, kBytes> pack;
  std::memcpy(&pack, from, sizeof pack);
  return pack;
}
template <class T, class P>
inline void store(T* to, const P& pack) {
  std::memcpy(to, &pack, sizeof pack);
}

/// The first n lanes; the others are zero.
template <class T>
inline Pack<T> load_some(const T* from, std::int64_t n) {
  Pack<T> pack{};
  std::memcpy(&pack, from, static_cast<std::size_t>(n) * sizeof(T));
  return pack;
}
template <class T>
inline void store_some(T* to, const Pack<T>& pack, std::int64_t n) {
  std::memcpy(to, &pack, static_cast<std::size_t>(n) * sizeof(T));
}

template <class T>
inline Pack<T> splat(T value) {
  return value - Pack<T>{};
}

template <class T>
inline T sum_lanes(const Pack<T>& pack) {
  T parts[kLanes<T>];
  std::memcpy(parts, &pack, sizeof pack);
  for (std::int64_t width = kLanes<T> / 2; width > 0; width /= 2)
    for (std::int64_t i = 0; i < width; ++i) parts[i] += parts[i + width];
  return parts[0];
}

/// Calls f.operator()<kBytes>(j) for packs at j that together cover [0, n): as wide as possible, then ever narrower.
template <class T, int kBytes = kPackBytes, class F>
inline void cover(std::int64_t n, const F& f, std::int64_t j = 0) {
  constexpr std::int64_t kWidth = kBytes / static_cast<int>(sizeof(T));
  for (; j + kWidth <= n; j += kWidth) f.template operator()<kBytes>(j);
  if constexpr (kWidth > 1) {
    if (j < n) cover<T, kBytes / 2>(n, f, j);
  }
}

}  // namespace kerata::cpu
