// How models are made again: configs and copies.
#pragma once

#include "models/model_state.h"

namespace kerata::models {

/// Of a functional model: a copy is a walk over its graph.
class GraphRecipe final : public detail::Recipe {
 public:
  explicit GraphRecipe(const ModelLayer& model) : model_(&model) {}
  Config config() const override;
  std::shared_ptr<LayerBase> remake() const override;

 private:
  const ModelLayer* model_;
};

/// A new layer made as `layer` was, with its name. Throws StateError for a layer that was not made through a handle.
std::shared_ptr<LayerBase> clone_layer(const LayerBase& layer);
/// Names the model and its parts.
void name_model(ModelLayer& model);
std::shared_ptr<ModelLayer> make_functional(const Tensors& inputs, const Tensors& outputs,
                                            const Model::Options& options);
std::shared_ptr<ModelLayer> make_functional(std::shared_ptr<const FunctionalGraph> graph,
                                            const Model::Options& options);
std::shared_ptr<LayerBase> clone_sequential(const ModelLayer& model);

}  // namespace kerata::models
