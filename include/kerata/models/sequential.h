// Sequential: layers one after the other.
#pragma once

#include "kerata/models/model.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Element of a Sequential: a layer, a model, or the tensor that Input() gives.
class SequentialItem {
 public:
  SequentialItem(const AnyLayer& layer) : layer_(layer.ptr()) {}
  SequentialItem(const Tensor& input) : input_(input) {}
  const std::shared_ptr<LayerBase>& layer() const { return layer_; }
  const Tensor& input() const { return input_; }

 private:
  std::shared_ptr<LayerBase> layer_;
  Tensor input_;
};

/// Built as soon as the shape of the input is known: from Input() or a first layer with .input_shape, else at the first
/// call or at build().
class Sequential : public Model {
 public:
  Sequential();
  explicit Sequential(std::initializer_list<SequentialItem> layers);
  Sequential(std::initializer_list<SequentialItem> layers, const Options& options);
  explicit Sequential(const std::vector<AnyLayer>& layers);
  Sequential(const std::vector<AnyLayer>& layers, const Options& options);
  /// Throws ValueError for a name that is taken or a second Input, ShapeError when the layer does not fit.
  void add(const SequentialItem& item);
  /// Takes the last layer off. Throws StateError when there is none.
  AnyLayer pop();
};

namespace models {
using kerata::Model;
using kerata::Sequential;
}  // namespace models

}  // namespace kerata

#pragma GCC visibility pop
