#include "core/convert.h"

#include <cstring>
#include <limits>
#include <type_traits>

namespace kerata {
namespace {

template <class T>
struct Tag {
  using type = T;
};

template <class F>
void visit_dtype(DType dtype, const F& f) {
  switch (dtype) {
    case DType::float32:
      return f(Tag<float>{});
    case DType::float64:
      return f(Tag<double>{});
    case DType::float16:
      return f(Tag<Half>{});
    case DType::bfloat16:
      return f(Tag<BFloat16>{});
    case DType::int8:
      return f(Tag<std::int8_t>{});
    case DType::int16:
      return f(Tag<std::int16_t>{});
    case DType::int32:
      return f(Tag<std::int32_t>{});
    case DType::int64:
      return f(Tag<std::int64_t>{});
    case DType::uint8:
      return f(Tag<std::uint8_t>{});
    case DType::boolean:
      return f(Tag<bool>{});
  }
}

template <class T>
auto widen(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return to_float(value);
  else
    return value;
}

// Integers are cut off at the limits of the target and NaN becomes 0: the result is defined for every input.
template <class To, class From>
To to_integer(From value) {
  if constexpr (std::is_floating_point_v<From>) {
    constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
    constexpr From high = static_cast<From>(std::numeric_limits<To>::max());
    if (!(value >= low)) return value < low ? std::numeric_limits<To>::min() : To{0};
    return value >= high ? std::numeric_limits<To>::max() : static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
To convert_one(From raw) {
  const auto value = widen(raw);
  if constexpr (std::is_same_v<To, bool>)
    return value != 0;
  else if constexpr (std::is_same_v<To, Half>)
    return to_half(static_cast<float>(value));
  else if constexpr (std::is_same_v<To, BFloat16>)
    return to_bfloat16(static_cast<float>(value));
  else if constexpr (std::is_floating_point_v<To>)
    return static_cast<To>(value);
  else
    return to_integer<To>(value);
}

}  // namespace

void convert(const void* from, DType from_type, void* to, DType to_type, std::size_t n) {
  if (from_type == to_type) {
    if (n) std::memcpy(to, from, n * size_of(to_type));
    return;
  }
  visit_dtype(from_type, [&]<class From>(Tag<From>) {
    visit_dtype(to_type, [&]<class To>(Tag<To>) {
      const From* source = static_cast<const From*>(from);
      To* target = static_cast<To*>(to);
      for (std::size_t i = 0; i < n; ++i) target[i] = convert_one<To>(source[i]);
    });
  });
}

void round_to(DType half, float* values, std::size_t n) {
  if (half == DType::float16)
    for (std::size_t i = 0; i < n; ++i) values[i] = to_float(to_half(values[i]));
  else
    for (std::size_t i = 0; i < n; ++i) values[i] = to_float(to_bfloat16(values[i]));
}

}  // namespace kerata
