#include "kerata/layers/reshape.h"

#include "core/require.h"
#include "kerata/ops/shape.h"

namespace kerata::layers {

ReshapeLayer::ReshapeLayer(const Shape& target_shape, const Options&) : target_shape_(target_shape) {
  int unknown = 0;
  for (Dim size : target_shape) {
    require<ValueError>(size >= -1, "Reshape",
                        "Expected sizes of at least 0, or one -1, received target_shape=", target_shape, '.');
    unknown += size == -1;
  }
  require<ValueError>(unknown <= 1, "Reshape",
                      "There must be at most one unknown dimension (-1) in target_shape. Received: "
                      "target_shape=",
                      target_shape, '.');
}

Tensor ReshapeLayer::call(const Tensor& x, const CallContext&) const {
  const Shape sample = x.shape().from(1);
  Dim known = 1, missing = -1;
  for (Dim i = 0; i < target_shape_.rank(); ++i) {
    if (target_shape_[i] < 0)
      missing = i;
    else
      known *= target_shape_[i];
  }
  Shape target = target_shape_;
  if (sample.is_known()) {
    const bool fits = missing < 0 ? sample.size() == known : known > 0 && sample.size() % known == 0;
    require<ShapeError>(fits, "Reshape",
                        "The total size of the tensor must be unchanged. Received: input_shape=", sample,
                        ", target_shape=", target_shape_, '.');
    if (missing >= 0) target = target.with(missing, sample.size() / known);
  }
  Shape shape{x.shape()[0]};
  for (Dim size : target) shape.push_back(size);
  return ops::reshape(x, shape);
}

Config ReshapeLayer::get_config() const {  // as Keras: the size to infer is -1, not null
  Config config = Layer::get_config();
  config.set("target_shape", config_of(target_shape_.to_vector()));
  return config;
}

}  // namespace kerata::layers

namespace kerata {
template class LayerRef<layers::ReshapeLayer, Shape>;
}  // namespace kerata
