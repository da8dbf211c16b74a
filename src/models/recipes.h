// How models are made again: configs and copies.
#pragma once

#include <unordered_map>

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

/// Copies the layers of a model, each once.
class LayerCloner {
 public:
  explicit LayerCloner(const CloneOptions& options) : options_(options) {}
  const CloneOptions& options() const { return options_; }
  std::shared_ptr<LayerBase> operator()(const std::shared_ptr<LayerBase>& layer);
  /// A functional model or a Sequential; `inputs`: those of the copy, none for new ones.
  std::shared_ptr<LayerBase> clone_model(const ModelLayer& model, const Tensors& inputs = {});

 private:
  const CloneOptions& options_;
  std::unordered_map<const LayerBase*, std::shared_ptr<LayerBase>> clones_;
};
std::shared_ptr<LayerBase> clone_graph(const ModelLayer& model, const std::vector<Tensor>& inputs, LayerCloner& clone);
std::shared_ptr<LayerBase> clone_sequence(const ModelLayer& model, const std::vector<Tensor>& inputs,
                                          LayerCloner& clone);

/// A new layer made as `layer` was, with its name. Throws StateError for a layer that was not made through a handle.
std::shared_ptr<LayerBase> clone_layer(const LayerBase& layer);
/// Names the model and its parts.
void name_model(ModelLayer& model);
std::shared_ptr<ModelLayer> make_functional(const Tensors& inputs, const Tensors& outputs,
                                            const Model::Options& options);
std::shared_ptr<ModelLayer> make_functional(std::shared_ptr<const FunctionalGraph> graph,
                                            const Model::Options& options);

}  // namespace kerata::models
