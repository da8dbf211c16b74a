// The operators on tensors.
#include "kerata/graph/operators.h"

#include "kerata/ops/math.h"

namespace kerata {

Tensor operator+(const Operand& a, const Operand& b) { return ops::add(a, b); }
Tensor operator-(const Operand& a, const Operand& b) { return ops::subtract(a, b); }
Tensor operator*(const Operand& a, const Operand& b) { return ops::multiply(a, b); }
Tensor operator/(const Operand& a, const Operand& b) { return ops::divide(a, b); }
Tensor operator-(const Tensor& a) { return ops::negative(a); }
Tensor& operator+=(Tensor& a, const Operand& b) { return a = a + b; }
Tensor& operator-=(Tensor& a, const Operand& b) { return a = a - b; }
Tensor& operator*=(Tensor& a, const Operand& b) { return a = a * b; }
Tensor& operator/=(Tensor& a, const Operand& b) { return a = a / b; }
Tensor operator<(const Operand& a, const Operand& b) { return ops::less(a, b); }
Tensor operator>(const Operand& a, const Operand& b) { return ops::greater(a, b); }
Tensor operator<=(const Operand& a, const Operand& b) { return ops::less_equal(a, b); }
Tensor operator>=(const Operand& a, const Operand& b) { return ops::greater_equal(a, b); }

}  // namespace kerata
