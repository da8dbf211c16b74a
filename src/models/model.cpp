#include "kerata/models/model.h"

#include <algorithm>

#include "core/near_name.h"
#include "core/require.h"
#include "models/functional_graph.h"
#include "models/graph_parts.h"
#include "models/recipes.h"

namespace kerata {

namespace models {

void name_model(ModelLayer& model) {
  if (!is_functional(model)) name_parts(model);
  if (model.state().name.empty())
    set_auto_name(model, default_model_name(model));
  else
    assign_paths(model, model.state().name);
}

std::shared_ptr<ModelLayer> make_functional(const Tensors& inputs, const Tensors& outputs,
                                            const Model::Options& options) {
  auto model = std::make_shared<ModelLayer>(inputs, outputs);
  model->adopt_recipe(std::make_unique<GraphRecipe>(*model), detail::common_options(options));
  return model;
}

std::shared_ptr<ModelLayer> make_functional(std::shared_ptr<const FunctionalGraph> graph,
                                            const Model::Options& options) {
  auto model = std::make_shared<ModelLayer>(std::move(graph));
  model->adopt_recipe(std::make_unique<GraphRecipe>(*model), detail::common_options(options));
  return model;
}

}  // namespace models

Model::Model(std::shared_ptr<LayerBase> layer) : AnyLayer(std::move(layer)) {
  require<ValueError>(dynamic_cast<ModelLayer*>(layer_.get()) != nullptr, "Model", "The layer is not a model.");
  models::name_model(impl());
}
Model::Model(const Tensors& inputs, const Tensors& outputs) : Model(inputs, outputs, Options{}) {}
Model::Model(const Tensors& inputs, const Tensors& outputs, const Options& options)
    : Model(std::static_pointer_cast<LayerBase>(models::make_functional(inputs, outputs, options))) {}

std::vector<AnyLayer> Model::layers() const { return models::layers_of(impl()); }

AnyLayer Model::get_layer(std::string_view name) const {
  const std::vector<AnyLayer> all = layers();
  std::vector<std::string> names;
  for (const AnyLayer& layer : all) {
    names.push_back(display_name(*layer.ptr()));
    if (names.back() == name) return layer;
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  fail<ValueError>("Model.get_layer", "No such layer: ", name, '.', name_hint(name, known));
}

AnyLayer Model::get_layer(int index) const {
  const std::vector<AnyLayer> all = layers();
  const int count = static_cast<int>(all.size()), at = index < 0 ? index + count : index;
  require<ValueError>(at >= 0 && at < count, "Model.get_layer", "Was asked to retrieve layer at index ", index,
                      " but model only has ", count, " layers.");
  return all[static_cast<std::size_t>(at)];
}

std::vector<std::string> Model::input_names() const { return models::input_names_of(impl()); }
std::vector<std::string> Model::output_names() const { return models::output_names_of(impl()); }
Tensors Model::inputs() const { return Tensors(models::inputs_of(impl())); }
Tensors Model::outputs() const { return Tensors(models::outputs_of(impl())); }

void Model::build(const Shape& input) {
  require<ShapeError>(input.rank() > 0, "Model.build", "Expected a shape with the batch, (-1, ...), received ", input,
                      '.');
  if (!models::is_functional(impl())) return models::build_model(impl(), {{DType::float32, input}});
  const std::vector<Tensor>& inputs = models::inputs_of(impl());
  require<ShapeError>(inputs.size() == 1 && inputs[0].shape() == input, "Model.build",
                      "The model has already been "
                      "configured to use input shape ",
                      inputs[0].shape(), ". You cannot build it with input_shape ", input, '.');
}

}  // namespace kerata
