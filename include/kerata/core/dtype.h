// DType: the element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kerata/core/choice.h"

#pragma GCC visibility push(default)

namespace kerata {

/// float16 and bfloat16 are stored and cast; arithmetic on them goes through float32.
enum class DType : std::uint8_t { float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, boolean };
template <>
struct ChoiceNames<DType> {
  static constexpr std::string_view list[] = {"float32", "float64", "float16", "bfloat16", "int8",
                                              "int16",   "int32",   "int64",   "uint8",    "bool"};
};

/// Bytes of one element.
std::size_t size_of(DType dtype);
std::string_view to_string(DType dtype);
bool is_floating(DType dtype);
constexpr bool is_half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }
bool is_integer(DType dtype);  // int8 to int64 and uint8; not bool
/// The type of an operation on both, as keras.backend.result_type gives it.
DType promote(DType a, DType b);

/// The DType of a C++ type: dtype_of<float>() is DType::float32.
template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::float64;
}
template <>
constexpr DType dtype_of<std::int8_t>() {
  return DType::int8;
}
template <>
constexpr DType dtype_of<std::int16_t>() {
  return DType::int16;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::int32;
}
template <>
constexpr DType dtype_of<long>() {
  return DType::int64;
}
template <>
constexpr DType dtype_of<long long>() {
  return DType::int64;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::boolean;
}

}  // namespace kerata

#pragma GCC visibility pop
