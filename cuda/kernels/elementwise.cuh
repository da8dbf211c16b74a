// The elementwise ops, by the names of their OpDefs: op_<name>(values). float16 and bfloat16 come as float.

template <class T>
struct Unsigned {
  typedef unsigned int type;
};
template <>
struct Unsigned<long long> {
  typedef unsigned long long type;
};
template <class T>
struct IsFloat {
  enum { value = 0 };
};
template <>
struct IsFloat<float> {
  enum { value = 1 };
};
template <>
struct IsFloat<double> {
  enum { value = 1 };
};

// Integers are added and multiplied as unsigned numbers: overflow wraps around, as in NumPy.
#define KERATA_ARITHMETIC(name, sign, truth)                                              \
  template <class T>                                                                      \
  KERATA_DEVICE T op_##name(T a, T b) {                                                   \
    typedef typename Unsigned<T>::type U;                                                 \
    return (T)((U)a sign(U) b);                                                           \
  }                                                                                       \
  KERATA_DEVICE float op_##name(float a, float b) { return a sign b; }                    \
  KERATA_DEVICE double op_##name(double a, double b) { return a sign b; }                 \
  KERATA_DEVICE bool op_##name(bool a, bool b) { return truth; }
KERATA_ARITHMETIC(add, +, a || b)
KERATA_ARITHMETIC(subtract, -, a != b)
KERATA_ARITHMETIC(multiply, *, a && b)
#undef KERATA_ARITHMETIC

template <class T>
KERATA_DEVICE T op_divide(T a, T b) {
  return a / b;
}
/// NaN on either side gives NaN.
template <class T>
KERATA_DEVICE T op_maximum(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
KERATA_DEVICE T op_minimum(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
KERATA_DEVICE T op_power(T a, T b) {
  if (b < 0) return a == 1 ? T(1) : a == T(-1) ? (b % 2 ? T(-1) : T(1)) : T(0);
  typedef typename Unsigned<T>::type U;
  U result = 1, base = (U)a;
  for (U e = (U)b; e; e >>= 1, base *= base)
    if (e & 1) result *= base;
  return (T)result;
}
KERATA_DEVICE float op_power(float a, float b) { return powf(a, b); }
KERATA_DEVICE double op_power(double a, double b) { return pow(a, b); }

#define KERATA_COMPARISON(name, sign)       \
  template <class T>                        \
  KERATA_DEVICE bool op_##name(T a, T b) {  \
    return a sign b;                        \
  }
KERATA_COMPARISON(equal, ==)
KERATA_COMPARISON(not_equal, !=)
KERATA_COMPARISON(less, <)
KERATA_COMPARISON(less_equal, <=)
KERATA_COMPARISON(greater, >)
KERATA_COMPARISON(greater_equal, >=)
#undef KERATA_COMPARISON
template <class T>
KERATA_DEVICE bool op_logical_and(T a, T b) {
  return a != T(0) && b != T(0);
}
template <class T>
KERATA_DEVICE bool op_logical_or(T a, T b) {
  return a != T(0) || b != T(0);
}
template <class T>
KERATA_DEVICE bool op_logical_not(T a) {
  return a == T(0);
}
template <class T>
KERATA_DEVICE bool op_isfinite(T a) {
  return a - a == T(0);
}

template <class T>
KERATA_DEVICE T op_negative(T a) {
  if (IsFloat<T>::value) return -a;
  typedef typename Unsigned<T>::type U;
  return (T)(U(0) - (U)a);
}
template <class T>
KERATA_DEVICE T op_abs(T a) {
  return a < 0 ? op_negative(a) : a;
}
KERATA_DEVICE float op_abs(float a) { return fabsf(a); }
KERATA_DEVICE double op_abs(double a) { return fabs(a); }
template <class T>
KERATA_DEVICE T op_sign(T a) {
  return a > 0 ? T(1) : a < 0 ? T(-1) : a;
}
template <class T>
KERATA_DEVICE T op_square(T a) {
  return op_multiply(a, a);
}
template <class T>
KERATA_DEVICE T op_relu(T a) {
  return a > 0 || a != a ? a : T(0);
}

#define KERATA_FUNCTION(name, single, twice)                  \
  KERATA_DEVICE float op_##name(float a) { return single; }   \
  KERATA_DEVICE double op_##name(double a) { return twice; }
KERATA_FUNCTION(sqrt, sqrtf(a), sqrt(a))
KERATA_FUNCTION(rsqrt, 1.0f / sqrtf(a), 1.0 / sqrt(a))
KERATA_FUNCTION(floor, floorf(a), floor(a))
KERATA_FUNCTION(ceil, ceilf(a), ceil(a))
KERATA_FUNCTION(round, rintf(a), rint(a))
KERATA_FUNCTION(exp, expf(a), exp(a))
KERATA_FUNCTION(expm1, expm1f(a), expm1(a))
KERATA_FUNCTION(log, logf(a), log(a))
KERATA_FUNCTION(log1p, log1pf(a), log1p(a))
KERATA_FUNCTION(tanh, tanhf(a), tanh(a))
KERATA_FUNCTION(sigmoid, 1.0f / (1.0f + expf(-a)), 1.0 / (1.0 + exp(-a)))
KERATA_FUNCTION(softplus, op_maximum(a, 0.0f) + log1pf(expf(-fabsf(a))), op_maximum(a, 0.0) + log1p(exp(-fabs(a))))
KERATA_FUNCTION(erf, erff(a), erf(a))
KERATA_FUNCTION(sin, sinf(a), sin(a))
KERATA_FUNCTION(cos, cosf(a), cos(a))
KERATA_FUNCTION(tan, tanf(a), tan(a))
#undef KERATA_FUNCTION

template <class T>
KERATA_DEVICE T op_where(bool condition, T a, T b) {
  return condition ? a : b;
}
template <class T>
KERATA_DEVICE T op_stop_gradient(T a) {
  return a;
}
/// The ends of the integer types.
template <class T>
struct Ends;
#define KERATA_ENDS(type, least, most)  \
  template <>                           \
  struct Ends<type> {                   \
    KERATA_DEVICE type low() { return least; }   \
    KERATA_DEVICE type high() { return most; }   \
  };
KERATA_ENDS(signed char, -128, 127)
KERATA_ENDS(short, -32768, 32767)
KERATA_ENDS(int, -2147483647 - 1, 2147483647)
KERATA_ENDS(long long, -9223372036854775807LL - 1, 9223372036854775807LL)
KERATA_ENDS(unsigned char, 0, 255)
#undef KERATA_ENDS

/// Truth of anything but zero; fractions are cut, numbers outside an integer type go to its ends, NaN to 0.
template <class To, class From, int Cuts>
struct Cast {
  KERATA_DEVICE To of(From a) { return (To)a; }
};
template <class To, class From>
struct Cast<To, From, 1> {
  KERATA_DEVICE To of(From a) {
    if (a != a) return To(0);
    if (a <= (From)Ends<To>::low()) return Ends<To>::low();
    if (a >= (From)Ends<To>::high()) return Ends<To>::high();
    return (To)a;
  }
};
template <class From>
struct Cast<bool, From, 0> {
  KERATA_DEVICE bool of(From a) { return a != From(0); }
};
template <class From>
struct Cast<bool, From, 1> {
  KERATA_DEVICE bool of(From a) { return a != From(0); }
};
template <class To, class From>
KERATA_DEVICE To op_cast(From a) {
  return Cast<To, From, IsFloat<From>::value && !IsFloat<To>::value>::of(a);
}
