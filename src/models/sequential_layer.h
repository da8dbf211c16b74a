// Behind a Sequential: the list of layers, and the graph as far as it is built.
#pragma once

#include "kerata/layers/input.h"
#include "kerata/models/sequential.h"
#include "models/model_state.h"

namespace kerata::models {

class SequentialLayer final : public ModelLayer {
 public:
  SequentialLayer();
  void add(const SequentialItem& item, bool rebuild = true);
  AnyLayer pop();
  /// Makes the graph if the input is known.
  void rebuild();
  Tensors call(const Tensors& inputs, const CallContext& context) const override;
  const std::vector<std::shared_ptr<LayerBase>>& list() const { return layers_; }
  const std::shared_ptr<LayerBase>& input_layer() const { return input_layer_; }

 protected:
  void build_all(const std::vector<Shape>& inputs) override;

 private:
  void set_input(const Tensor& input);
  void set_input_from(const LayerBase& first);
  void call_layers();
  void list_parts();

  std::shared_ptr<LayerBase> input_layer_;  // null until the input is known
  bool input_is_deferred_ = false;          // made for the shape of the first call
  std::vector<std::shared_ptr<LayerBase>> layers_;
  Tensor input_;
  std::vector<Tensor> outputs_;  // of each layer
};

class SequentialRecipe final : public detail::Recipe {
 public:
  explicit SequentialRecipe(const SequentialLayer& model) : model_(&model) {}
  Config config() const override;
  std::shared_ptr<LayerBase> remake() const override;

 private:
  const SequentialLayer* model_;
};

std::shared_ptr<SequentialLayer> make_sequential(const Model::Options& options);

}  // namespace kerata::models
