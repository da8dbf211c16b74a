// The elementwise functions as objects, for every type that they compute.
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

#include "cpu/math_f32.h"

namespace kerata::cpu {

/// Integers are added and multiplied as unsigned numbers: overflow wraps around, as in NumPy.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

/// Functors say by kSimd<T> whether loops over them are sure to vectorise.
struct Vectorised {
  template <class T>
  static constexpr bool kSimd = !std::same_as<T, bool>;
};
struct VectorisedFloat {
  template <class T>
  static constexpr bool kSimd = std::same_as<T, float>;
};
struct Scalar {
  template <class T>
  static constexpr bool kSimd = false;
};

// Two operands.
struct Add : Vectorised {
  template <std::floating_point T>
  T operator()(T a, T b) const {
    return a + b;
  }
  template <Integer T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
  bool operator()(bool a, bool b) const { return a || b; }
};
struct Subtract : Vectorised {
  template <std::floating_point T>
  T operator()(T a, T b) const {
    return a - b;
  }
  template <Integer T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
  bool operator()(bool a, bool b) const { return a != b; }
};
struct Multiply : Vectorised {
  template <std::floating_point T>
  T operator()(T a, T b) const {
    return a * b;
  }
  template <Integer T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
  bool operator()(bool a, bool b) const { return a && b; }
};
struct Divide : Vectorised {
  template <std::floating_point T>
  T operator()(T a, T b) const {
    return a / b;
  }
};
/// NaN on either side gives NaN.
struct Maximum : Vectorised {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::floating_point<T>)
      return a > b || a != a ? a : b;
    else
      return a > b ? a : b;
  }
};
struct Minimum : Vectorised {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::floating_point<T>)
      return a < b || a != a ? a : b;
    else
      return a < b ? a : b;
  }
};
struct Power : Scalar {
  template <std::floating_point T>
  T operator()(T a, T b) const {
    return std::pow(a, b);
  }
  template <Integer T>
  T operator()(T a, T b) const {
    if (b < 0) return a == 1 ? T(1) : a == T(-1) ? (b % 2 ? T(-1) : T(1)) : T(0);
    Wrapping<T> result = 1, base = static_cast<Wrapping<T>>(a);
    for (auto e = static_cast<Wrapping<T>>(b); e; e >>= 1, base *= base)
      if (e & 1) result *= base;
    return static_cast<T>(result);
  }
};

struct Equal : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct NotEqual : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a != b;
  }
};
struct Less : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct LessEqual : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};
struct Greater : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct GreaterEqual : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};
struct LogicalAnd : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return (a != T(0)) & (b != T(0));
  }
};
struct LogicalOr : Vectorised {
  template <class T>
  bool operator()(T a, T b) const {
    return (a != T(0)) | (b != T(0));
  }
};

// One operand, any number.
struct Negative : Vectorised {
  template <std::floating_point T>
  T operator()(T a) const {
    return -a;
  }
  template <Integer T>
  T operator()(T a) const {
    return static_cast<T>(Wrapping<T>(0) - static_cast<Wrapping<T>>(a));
  }
};
struct Abs : Vectorised {
  template <std::floating_point T>
  T operator()(T a) const {
    return std::fabs(a);
  }
  template <Integer T>
  T operator()(T a) const {
    return a < 0 ? Negative()(a) : a;
  }
};
struct Sign : Vectorised {
  template <std::floating_point T>
  T operator()(T a) const {
    return a > 0 ? T(1) : a < 0 ? T(-1) : a;
  }
  template <Integer T>
  T operator()(T a) const {
    return static_cast<T>((a > 0) - (a < 0));
  }
};
struct Square : Vectorised {
  template <class T>
  T operator()(T a) const {
    return Multiply()(a, a);
  }
};
struct Relu : Vectorised {
  template <std::floating_point T>
  T operator()(T a) const {
    return a > 0 || a != a ? a : T(0);
  }
  template <Integer T>
  T operator()(T a) const {
    return a > 0 ? a : T(0);
  }
};
struct LogicalNot : Vectorised {
  template <class T>
  bool operator()(T a) const {
    return a == T(0);
  }
};
struct Truth : Vectorised {
  template <class T>
  bool operator()(T a) const {
    return a != T(0);
  }
};
struct IsFinite : Vectorised {
  template <class T>
  bool operator()(T a) const {
    return a - a == T(0);
  }
};

// One operand, float or double.
struct Sqrt : Vectorised {
  template <class T>
  T operator()(T a) const {
    return std::sqrt(a);
  }
};
struct Rsqrt : Vectorised {
  template <class T>
  T operator()(T a) const {
    return T(1) / std::sqrt(a);
  }
};
struct Floor : VectorisedFloat {
  template <class T>
  T operator()(T a) const {
    return std::floor(a);
  }
};
struct Ceil : VectorisedFloat {
  template <class T>
  T operator()(T a) const {
    return std::ceil(a);
  }
};
struct Round : VectorisedFloat {
  template <class T>
  T operator()(T a) const {
    return std::rint(a);
  }
};  // half to even

struct Exp : VectorisedFloat {
  float operator()(float a) const { return exp_f32(a); }
  double operator()(double a) const { return std::exp(a); }
};
struct Expm1 : VectorisedFloat {
  float operator()(float a) const { return expm1_f32(a); }
  double operator()(double a) const { return std::expm1(a); }
};
struct Log : VectorisedFloat {
  float operator()(float a) const { return log_f32(a); }
  double operator()(double a) const { return std::log(a); }
};
struct Log1p : VectorisedFloat {
  float operator()(float a) const { return log1p_f32(a); }
  double operator()(double a) const { return std::log1p(a); }
};
struct Tanh : VectorisedFloat {
  float operator()(float a) const { return tanh_f32(a); }
  double operator()(double a) const { return std::tanh(a); }
};
struct Sigmoid : VectorisedFloat {
  float operator()(float a) const { return sigmoid_f32(a); }
  double operator()(double a) const { return 1 / (1 + std::exp(-a)); }
};
struct Softplus : VectorisedFloat {  // max(x, 0) + log(1 + exp(-|x|))
  float operator()(float a) const { return (a > 0.0f || a != a ? a : 0.0f) + log1p_f32(exp_f32(-std::fabs(a))); }
  double operator()(double a) const { return (a > 0 || a != a ? a : 0) + std::log1p(std::exp(-std::fabs(a))); }
};
struct Erf : VectorisedFloat {
  float operator()(float a) const { return erf_f32(a); }
  double operator()(double a) const { return std::erf(a); }
};
struct Sin : VectorisedFloat {
  float operator()(float a) const { return sin_f32(a); }
  double operator()(double a) const { return std::sin(a); }
  static float exact(float a) { return std::sin(a); }
};
struct Cos : VectorisedFloat {
  float operator()(float a) const { return cos_f32(a); }
  double operator()(double a) const { return std::cos(a); }
  static float exact(float a) { return std::cos(a); }
};
struct Tan : VectorisedFloat {
  float operator()(float a) const { return tan_f32(a); }
  double operator()(double a) const { return std::tan(a); }
  static float exact(float a) { return std::tan(a); }
};

}  // namespace kerata::cpu
