// Members of Tensor that are ops (slice and []: shape_join.cpp).
#include "kerata/graph/tensor.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"

namespace kerata {

Tensor Tensor::reshape(const Shape& shape) const { return ops::reshape(*this, shape); }
Tensor Tensor::cast(Choice<DType> dtype) const { return ops::cast(*this, dtype); }
Tensor Tensor::argmax(Dim axis) const { return ops::argmax(*this, axis); }
Tensor Tensor::round(int decimals) const { return ops::round(*this, decimals); }

}  // namespace kerata
