#include "kerata/core/dtype.h"

namespace kerata {

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float64:
    case DType::int64:
      return 8;
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::float16:
    case DType::bfloat16:
    case DType::int16:
      return 2;
    default:
      return 1;
  }
}

std::string_view to_string(DType dtype) { return ChoiceNames<DType>::list[static_cast<int>(dtype)]; }

bool is_floating(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::float16 || dtype == DType::bfloat16;
}

bool is_integer(DType dtype) { return !is_floating(dtype) && dtype != DType::boolean; }

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (is_floating(a) || is_floating(b)) {
    if (!is_floating(b)) return a;
    if (!is_floating(a)) return b;
    if (a == DType::float64 || b == DType::float64) return DType::float64;
    return DType::float32;  // float32 with a half type, or the two half types with each other
  }
  if (a == DType::boolean) return b;
  if (b == DType::boolean) return a;
  if (a == DType::uint8 || b == DType::uint8) {  // unsigned with signed: the signed type that holds both
    const DType other = a == DType::uint8 ? b : a;
    return other == DType::int8 ? DType::int16 : other;
  }
  return size_of(a) > size_of(b) ? a : b;
}

}  // namespace kerata
