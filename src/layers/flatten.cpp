#include "kerata/layers/flatten.h"

#include "core/require.h"
#include "kerata/ops/shape.h"

namespace kerata::layers {

FlattenLayer::FlattenLayer(const Options& options) : data_format_(options.data_format) {}

Tensor FlattenLayer::call(const Tensor& x, const CallContext&) const {
  const Dim rank = x.rank();
  require<ShapeError>(rank >= 1, "Flatten", "Expected an input of rank 1 or more, received a scalar.");
  Tensor y = x;
  if (data_format_ == DataFormat::channels_first && rank > 2) {
    std::vector<Dim> axes = {0};
    for (Dim axis = 2; axis < rank; ++axis) axes.push_back(axis);
    axes.push_back(1);
    y = ops::transpose(x, axes);
  }
  const Shape sample = x.shape().from(1);
  const Dim batch = x.shape()[0];
  // A batch of 0 leaves nothing to infer a size from, so a known size is given.
  return ops::reshape(y, {batch, sample.is_known() ? sample.size() : -1});
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::FlattenLayer>;
}  // namespace kerata
