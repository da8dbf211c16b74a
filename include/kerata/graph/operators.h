// Operand (a tensor, a variable or a number) and the operators on tensors.
#pragma once

#include <concepts>

#include "kerata/graph/tensors.h"

#pragma GCC visibility push(default)

namespace kerata {

/// An argument of a two-sided op. A number takes the other side's dtype; a number with a fraction beside an
/// integer tensor gives float32, as in Keras.
class Operand {
 public:
  Operand(const Tensor& x) : tensor_(x) {}
  Operand(const Variable& x) : tensor_(x) {}
  template <std::integral T>
  Operand(T number) : number_(static_cast<double>(number)), is_integer_(true) {}
  template <std::floating_point T>
  Operand(T number) : number_(static_cast<double>(number)) {}

  bool is_number() const { return tensor_.is_empty(); }
  const Tensor& tensor() const { return tensor_; }
  double number() const { return number_; }
  bool is_integer() const { return is_integer_; }

 private:
  Tensor tensor_;
  double number_ = 0;
  bool is_integer_ = false;
};

// NumPy broadcasting; the result's dtype is promote(a, b). Division of integers gives float32.
Tensor operator+(const Operand& a, const Operand& b);
Tensor operator-(const Operand& a, const Operand& b);
Tensor operator*(const Operand& a, const Operand& b);
Tensor operator/(const Operand& a, const Operand& b);
Tensor operator-(const Tensor& a);
Tensor& operator+=(Tensor& a, const Operand& b);
Tensor& operator-=(Tensor& a, const Operand& b);
Tensor& operator*=(Tensor& a, const Operand& b);
Tensor& operator/=(Tensor& a, const Operand& b);
Tensor operator<(const Operand& a, const Operand& b);
Tensor operator>(const Operand& a, const Operand& b);
Tensor operator<=(const Operand& a, const Operand& b);
Tensor operator>=(const Operand& a, const Operand& b);

}  // namespace kerata

#pragma GCC visibility pop
