// Reductions over axes.
#pragma once

#include "kerata/core/axes.h"
#include "kerata/graph/operators.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace ops {

/// Which axes (default all), and whether they stay with size 1.
struct Reduce {
  Axes axis = {};
  bool keepdims = false;
};
/// bool, int8 to int32 and uint8 give int32, here and in prod. For uint8 Keras on JAX gives uint32, which Kerata does
/// not have: the numbers are the same up to 2^31 - 1.
Tensor sum(const Tensor& x, const Reduce& over = {});
Tensor mean(const Tensor& x, const Reduce& over = {});  // integers: float32
Tensor prod(const Tensor& x, const Reduce& over = {});
Tensor max(const Tensor& x, const Reduce& over = {});  // throws ValueError over an empty axis
Tensor min(const Tensor& x, const Reduce& over = {});
Tensor var(const Tensor& x, const Reduce& over = {});  // population variance
Tensor std(const Tensor& x, const Reduce& over = {});
Tensor any(const Tensor& x, const Reduce& over = {});
Tensor all(const Tensor& x, const Reduce& over = {});
Tensor logsumexp(const Tensor& x, const Reduce& over = {});
/// The product computed in `dtype`.
Tensor prod(const Tensor& x, const Reduce& over, Choice<DType> dtype);
/// At least (max) or at most (min) `initial`, which is the result over an empty axis.
Tensor max(const Tensor& x, const Reduce& over, double initial);
Tensor min(const Tensor& x, const Reduce& over, double initial);
/// Index of the first largest element, int32; without an axis in the flattened x. Throws ValueError over an empty axis.
Tensor argmax(const Tensor& x);
Tensor argmax(const Tensor& x, Dim axis, bool keepdims = false);
Tensor argmin(const Tensor& x);
Tensor argmin(const Tensor& x, Dim axis, bool keepdims = false);
Tensor cumsum(const Tensor& x);  // of the flattened x
Tensor cumsum(const Tensor& x, Dim axis);

}  // namespace ops
}  // namespace kerata

#pragma GCC visibility pop
