// Input and InputLayer: where a model's graph begins.
#pragma once

#include "kerata/layers/layer.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Arguments of Input beside the shape.
struct InputOptions {
  Dim batch_size = -1;              // -1: any
  Choice<DType> dtype = "float32";  // data is cast to it
  std::string name = {};
};
/// A symbolic tensor of shape (batch, shape...); sizes of -1 are unknown. Throws ValueError for a size below -1 or a
/// batch_size of 0.
Tensor Input(const Shape& shape, const InputOptions& options = {});

namespace layers {
using kerata::Input;
using kerata::InputOptions;

/// Behind an Input; stands in model.layers().
class InputLayerLayer final : public MultiLayer {
 public:
  using Options = InputOptions;
  InputLayerLayer(const Shape& shape, const InputOptions& options);
  Tensors call(const Tensors& inputs, const CallContext& context) const override;
  std::string class_name() const override { return "InputLayer"; }
  Config get_config() const override;
  /// The tensor of this Input; made anew if nobody holds it any more.
  Tensor tensor();
  Shape batch_shape() const { return batch_shape_; }
  DType input_dtype() const { return dtype_; }

 private:
  Shape batch_shape_;
  DType dtype_;
  std::weak_ptr<Node> node_;
};

/// An Input as an element of a Sequential.
class InputLayer : public AnyLayer {
 public:
  using Options = InputOptions;
  using Implementation = InputLayerLayer;
  explicit InputLayer(const Shape& shape, const InputOptions& options = {});
  static std::shared_ptr<LayerBase> from_config(const Config& config);
};

}  // namespace layers
}  // namespace kerata

#pragma GCC visibility pop
