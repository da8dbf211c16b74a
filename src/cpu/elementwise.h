// The float32 elementwise functions on contiguous runs, for the elementwise kernels and for fused chains.
#pragma once

#include <cstdint>

#include "graph/op_def.h"

namespace kerata::cpu {

/// The forms of one op; those of another arity are null. n > 0; `out` may be one of the inputs, but may not overlap
/// them otherwise. Truth values are floats here: 0 is false, all else true, and results are 0 or 1.
/// An `_as` form has a scalar second operand, `_sa` a scalar first one.
struct ElementwiseFunction {
  void (*unary)(const float* a, float* out, std::int64_t n) = nullptr;
  void (*binary)(const float* a, const float* b, float* out, std::int64_t n) = nullptr;
  void (*binary_as)(const float* a, float b, float* out, std::int64_t n) = nullptr;
  void (*binary_sa)(float a, const float* b, float* out, std::int64_t n) = nullptr;
  // where(condition, a, b)
  void (*ternary)(const float* condition, const float* a, const float* b, float* out, std::int64_t n) = nullptr;
  void (*ternary_as)(const float* condition, const float* a, float b, float* out, std::int64_t n) = nullptr;
  void (*ternary_sa)(const float* condition, float a, const float* b, float* out, std::int64_t n) = nullptr;
  void (*ternary_ss)(const float* condition, float a, float b, float* out, std::int64_t n) = nullptr;
  bool expensive = false;  // exp, log, tanh ...: many cycles an element
};

/// The float32 code of an elementwise op, or null when it has none (kCast: see below). Thread-safe, O(1).
const ElementwiseFunction* find_elementwise_f32(const OpDef& op);

/// A cast to bool within a chain: out = a != 0 ? 1 : 0.
void truth_f32(const float* a, float* out, std::int64_t n);
/// Between bool bytes and float masks, at the ends of a chain.
void mask_to_f32(const bool* a, float* out, std::int64_t n);
void f32_to_mask(const float* a, bool* out, std::int64_t n);

}  // namespace kerata::cpu
