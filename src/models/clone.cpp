// clone_model: the same architecture with new weights.
#include <unordered_map>

#include "core/require.h"
#include "graph/scope.h"
#include "layers/input_layer.h"
#include "models/functional_graph.h"
#include "models/recipes.h"

namespace kerata {
namespace models {
namespace {

/// Unknown sizes of the old inputs -> those of the new ones.
class NewSizes final : public DimResolver {
 public:
  void bind(const Shape& from, const Shape& to) {
    for (Dim axis = 0; axis < from.rank(); ++axis)
      if (from[axis] < 0) sizes_.emplace(from[axis], to[axis]);
  }
  Dim resolve(Dim size) const override {
    const auto found = sizes_.find(size);
    return found == sizes_.end() ? size : found->second;
  }

 private:
  std::unordered_map<Dim, Dim> sizes_;
};

Tensor new_input(const Tensor& old) {
  const LayerBase& layer = *input_layer_of(old);
  const Shape shape = static_cast<const layers::InputLayerLayer&>(layer).batch_shape();
  const Tensor fresh = Input(shape.from(1), {.batch_size = shape[0], .dtype = old.dtype()});
  LayerBase::State& state = input_layer_of(fresh)->state();
  set_auto_name(*input_layer_of(fresh), layer.name());
  state.name_given = layer.state().name_given;
  return fresh;
}

std::vector<Tensor> call_again(LayerBase& layer, const CallRecord& call, const std::vector<Tensor>& inputs) {
  CallOptions options{.training = call.training};
  bool any_mask = false;
  std::vector<Tensor> masks;
  for (int at : call.mask_at) {
    any_mask = any_mask || at >= 0;
    masks.push_back(at >= 0 ? inputs[static_cast<std::size_t>(at)] : Tensor());
  }
  if (any_mask) options.mask = Tensors(masks);
  for (std::size_t i = inputs.size() - call.num_states; i < inputs.size(); ++i)
    options.initial_state.push_back(inputs[i]);
  const auto end = inputs.begin() + static_cast<std::ptrdiff_t>(call.num_inputs);
  std::vector<Tensor> outputs = record_call(layer, Tensors(std::vector<Tensor>(inputs.begin(), end)), options);
  outputs[0].node()->call.written = call.written;
  return outputs;
}

}  // namespace

std::shared_ptr<LayerBase> clone_layer(const LayerBase& layer) {
  require<StateError>(layer.state().recipe != nullptr, "clone_model", "Layer '", display_name(layer),
                      "' was not made through a handle, so its arguments are not known.");
  std::shared_ptr<LayerBase> copy = layer.state().recipe->remake();
  if (!layer.state().name.empty()) set_auto_name(*copy, layer.state().name);
  copy->state().name_given = layer.state().name_given;
  if (copy->trainable() != layer.trainable()) copy->set_trainable(layer.trainable());
  return copy;
}

std::shared_ptr<LayerBase> GraphRecipe::remake() const {
  const FunctionalGraph& graph = *model_->model_state().graph;
  std::unordered_map<const Node*, std::vector<Tensor>> values;
  std::unordered_map<const Composite*, std::shared_ptr<LayerBase>> layers;
  NewSizes sizes;
  std::vector<Tensor> inputs;
  for (const Tensor& old : graph.inputs()) {
    inputs.push_back(new_input(old));
    values[old.node()] = {inputs.back()};
    sizes.bind(old.shape(), inputs.back().shape());
  }
  auto value_of = [&](const Tensor& x) {
    const auto found = values.find(x.node());
    return found == values.end() ? x : found->second[static_cast<std::size_t>(x.index())];
  };
  for (const auto& node : reachable(graph.outputs(), graph.inputs())) {
    if (!node->op && !node->composite) continue;
    std::vector<Tensor> into;
    for (const Tensor& x : node->inputs) into.push_back(value_of(x));
    if (node->op) {
      values[node.get()] = apply_all(*node->op, std::move(into), node->attrs.resolved(sizes));
      continue;
    }
    if (op_call_of(*node)) {
      values[node.get()] = call_op(std::static_pointer_cast<const OpCall>(node->composite), into);
      continue;
    }
    std::shared_ptr<LayerBase>& layer = layers[node->composite.get()];
    if (!layer) layer = clone_layer(static_cast<const LayerBase&>(*node->composite));
    values[node.get()] = call_again(*layer, node->call, into);
  }
  std::vector<Tensor> outputs;
  for (const Tensor& x : graph.outputs()) outputs.push_back(value_of(x));
  auto copy = std::make_shared<const FunctionalGraph>(std::move(inputs), std::move(outputs), graph.input_form(),
                                                      graph.output_form());
  return make_functional(std::move(copy), {.trainable = model_->trainable()});
}

}  // namespace models

Model clone_model(const Model& model) { return Model(models::clone_layer(model.impl())); }

}  // namespace kerata
