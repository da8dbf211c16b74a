// clone_model: the same architecture with new weights.
#include <typeinfo>
#include <unordered_map>

#include "core/require.h"
#include "graph/scope.h"
#include "layers/input_layer.h"
#include "models/functional_graph.h"
#include "models/model_config.h"
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

struct Call {
  Tensors inputs;
  CallOptions options;
};
Call call_of(const CallRecord& record, const std::vector<Tensor>& inputs) {
  Call call{{}, {.training = record.training}};
  bool any_mask = false;
  std::vector<Tensor> masks;
  for (int at : record.mask_at) {
    any_mask = any_mask || at >= 0;
    masks.push_back(at >= 0 ? inputs[static_cast<std::size_t>(at)] : Tensor());
  }
  if (any_mask) call.options.mask = Tensors(masks);
  for (std::size_t i = inputs.size() - record.num_states; i < inputs.size(); ++i)
    call.options.initial_state.push_back(inputs[i]);
  const auto end = inputs.begin() + static_cast<std::ptrdiff_t>(record.num_inputs);
  call.inputs = Tensors(std::vector<Tensor>(inputs.begin(), end));
  return call;
}

/// The outputs of the layer that stands for `old`, for what a node of the old graph was called on.
std::vector<Tensor> call_again(const std::shared_ptr<LayerBase>& layer, const LayerBase& old, const Node& node,
                               const std::vector<Tensor>& inputs, const CloneOptions& options) {
  const Call call = call_of(node.call, inputs);
  std::vector<Tensor> results = options.call_function
                                    ? options.call_function(AnyLayer(layer), call.inputs, call.options).list()
                                    : record_call(*layer, call.inputs, call.options);
  require<ValueError>(results.size() == node.outputs.size(), "clone_model",
                      options.call_function ? "The call_function" : "The layer that stands", " for '",
                      display_name(old), options.call_function ? "' gave" : "' has",
                      " another number of outputs. Expected ", node.outputs.size(), ", received ", results.size(), '.');
  for (const Tensor& result : results)
    require<ValueError>(!result.is_empty() && result.is_symbolic(), "clone_model", "The call_function for '",
                        display_name(old), "' gave ", result.is_empty() ? "an empty tensor" : "a value",
                        ". Expected what layers give for the inputs.");
  // What a file said of the call is said of the same class only.
  const LayerBase& fresh = *layer;
  Node& made = *results[0].node();
  if (made.composite.get() == &fresh && typeid(old) == typeid(fresh)) made.call.written = node.call.written;
  return results;
}

void keep_identity(LayerBase& copy, const LayerBase& layer) {
  if (!layer.state().name.empty()) set_auto_name(copy, layer.state().name);
  copy.state().name_given = layer.state().name_given;
  if (copy.trainable() != layer.trainable()) copy.set_trainable(layer.trainable());
}

bool is_cloned_by_layers(const ModelLayer& model) {
  return model.model_state().is_sequential || (is_functional(model) && !model.model_state().is_subclassed);
}

/// In the model's order.
std::vector<Tensor> checked_inputs(const ModelLayer& model, const Tensors& given) {
  constexpr std::string_view kWhere = "clone_model";
  std::vector<Tensor> inputs = given.list();
  if (!given.names().empty()) {
    const std::vector<std::string> names = input_names_of(model);
    for (std::size_t i = 0; i < names.size(); ++i) inputs[i] = given[names[i]];
  }
  for (const Tensor& input : inputs)
    require<ValueError>(input_layer_of(input) != nullptr, kWhere,
                        "All entries in `input_tensors` must be tensors made by Input().");
  if (!is_functional(model)) {
    require<ValueError>(inputs.size() == 1, kWhere, "Argument `input_tensors` must contain a single tensor.");
    return inputs;
  }
  const std::vector<Tensor>& old = inputs_of(model);
  require<ValueError>(inputs.size() == old.size(), kWhere,
                      "`input_tensors` must have the same structure as model.inputs(). Expected ", old.size(),
                      " tensors, received ", inputs.size(), '.');
  for (std::size_t i = 0; i < old.size(); ++i)
    require<ShapeError>(inputs[i].shape().rank() == old[i].shape().rank(), kWhere, "Input ", i,
                        " has another rank. Expected ", old[i].shape(), ", received ", inputs[i].shape(), '.');
  return inputs;
}

}  // namespace

std::shared_ptr<LayerBase> clone_layer(const LayerBase& layer) {
  require<StateError>(layer.state().recipe != nullptr, "clone_model", "Layer '", display_name(layer),
                      "' was not made through a handle, so its arguments are not known.");
  std::shared_ptr<LayerBase> copy = layer.state().recipe->remake();
  keep_identity(*copy, layer);
  return copy;
}

std::shared_ptr<LayerBase> LayerCloner::operator()(const std::shared_ptr<LayerBase>& layer) {
  std::shared_ptr<LayerBase>& clone = clones_[layer.get()];
  if (clone) return clone;
  const auto* model = dynamic_cast<const ModelLayer*>(layer.get());
  if (options_.recursive && model && is_cloned_by_layers(*model)) {
    std::shared_ptr<LayerBase> inner = clone_model(*model);  // may move the map's entries
    return clones_[layer.get()] = inner;
  }
  if (!options_.clone_function) return clone = clone_layer(*layer);
  clone = options_.clone_function(AnyLayer(layer)).ptr();
  require<ValueError>(clone != nullptr, "clone_model", "The clone_function gave no layer for '", display_name(*layer),
                      "'.");
  return clone;
}

std::shared_ptr<LayerBase> LayerCloner::clone_model(const ModelLayer& model, const Tensors& given) {
  const std::vector<Tensor> inputs = given.size() == 0 ? std::vector<Tensor>() : checked_inputs(model, given);
  std::shared_ptr<LayerBase> copy =
      model.model_state().is_sequential ? clone_sequence(model, inputs, *this) : clone_graph(model, inputs, *this);
  keep_identity(*copy, model);
  return copy;
}

std::shared_ptr<LayerBase> GraphRecipe::remake() const {
  const CloneOptions options;
  LayerCloner clone(options);
  return clone_graph(*model_, {}, clone);
}

std::shared_ptr<LayerBase> clone_graph(const ModelLayer& model, const std::vector<Tensor>& given, LayerCloner& clone) {
  const FunctionalGraph& graph = *model.model_state().graph;
  std::unordered_map<const Node*, std::vector<Tensor>> values;
  NewSizes sizes;
  std::vector<Tensor> inputs;
  for (const Tensor& old : graph.inputs()) {
    inputs.push_back(given.empty() ? new_input(old) : given[inputs.size()]);
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
    const auto old = std::const_pointer_cast<LayerBase>(std::static_pointer_cast<const LayerBase>(node->composite));
    const std::shared_ptr<LayerBase> layer = clone(old);
    values[node.get()] = call_again(layer, *old, *node, into, clone.options());
  }
  std::vector<Tensor> outputs;
  for (const Tensor& x : graph.outputs()) outputs.push_back(value_of(x));
  auto copy = std::make_shared<const FunctionalGraph>(std::move(inputs), std::move(outputs), graph.input_form(),
                                                      graph.output_form());
  return make_functional(std::move(copy), {.trainable = model.trainable()});
}

}  // namespace models

Model clone_model(const Model& model, const CloneOptions& options) {
  const ModelLayer& layer = model.impl();
  models::LayerCloner cloner(options);
  const bool by_layers = models::is_cloned_by_layers(layer);
  require<ValueError>(by_layers || (!options.clone_function && options.input_tensors.size() == 0), "clone_model",
                      "Arguments `clone_function` and `input_tensors` are only supported for Sequential models or "
                      "functional models. Received the subclassed model '",
                      display_name(layer), "'.");
  require<ValueError>(!options.call_function || !layer.model_state().is_sequential, "clone_model",
                      "`call_function` argument is not supported with Sequential models. In a Sequential model, layers "
                      "aren't called at model-construction time (they're merely listed). Use `call_function` with "
                      "functional models only. Received the Sequential model '",
                      display_name(layer), "'.");
  require<ValueError>(
      !options.call_function || by_layers, "clone_model",
      "Argument `call_function` is only supported for functional models. Received the subclassed model '",
      display_name(layer), "'.");
  Model copy(by_layers ? cloner.clone_model(layer, options.input_tensors) : models::clone_layer(layer));
  if (const auto& compiled = layer.model_state().compile_options) {
    copy.compile(models::copy_compile_options(*compiled));
    copy.impl().model_state().jit_compile = layer.model_state().jit_compile;
  }
  return copy;
}

}  // namespace kerata
