// Products of matrices and tensors.
#pragma once

#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace ops {

/// (..., m, k) x (..., k, n) with broadcast leading axes; rank 1 as in NumPy.
Tensor matmul(const Tensor& a, const Tensor& b);
/// NumPy's dot: last axis of a with the second to last of b.
Tensor dot(const Tensor& a, const Tensor& b);
/// "ij,jk->ik"; the output is explicit or implicit, "..." stands for any axes, a label that an operand has twice takes
/// its diagonal. Throws ValueError for subscripts that say nothing, ShapeError for sizes that do not fit them.
Tensor einsum(std::string_view subscripts, const Tensors& operands);

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
