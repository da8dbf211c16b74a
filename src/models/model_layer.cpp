#include "kerata/models/model_layer.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "core/require.h"
#include "graph/scope.h"
#include "layers/input_layer.h"
#include "models/functional_graph.h"
#include "models/graph_parts.h"
#include "models/model_state.h"

namespace kerata {

ModelLayer::ModelLayer() : model_state_(std::make_unique<models::ModelState>()) {
  state().is_model = true;
  state().is_subclassed_model = true;
  state().keeps_inner_masks = true;
  state().autocast = false;
  model_state_->is_subclassed = true;
}

ModelLayer::ModelLayer(const Tensors& inputs, const Tensors& outputs) : ModelLayer() {
  model_state_->is_subclassed = false;
  state().is_subclassed_model = false;
  for (std::size_t i = 0; i < inputs.names().size(); ++i) {
    const std::shared_ptr<LayerBase> layer = input_layer_of(inputs[i]);
    if (layer && layer->state().name.empty()) set_auto_name(*layer, inputs.names()[i]);
  }
  models::set_graph(*this, std::make_shared<models::FunctionalGraph>(
                               inputs.list(), outputs.list(), models::form_of(inputs), models::form_of(outputs)));
}

ModelLayer::ModelLayer(std::shared_ptr<const models::FunctionalGraph> graph) : ModelLayer() {
  model_state_->is_subclassed = false;
  state().is_subclassed_model = false;
  models::set_graph(*this, std::move(graph));
}

ModelLayer::~ModelLayer() = default;

std::string ModelLayer::class_name() const {
  return typeid(*this) == typeid(ModelLayer) ? "Functional" : LayerBase::class_name();
}

Tensors ModelLayer::arrange(const Tensors& inputs) const {
  return models::is_functional(*this) ? Tensors(models::in_order(*this, inputs)) : inputs;
}

Tensors ModelLayer::call(const Tensors& inputs, const CallContext&) const {
  const std::shared_ptr<const models::FunctionalGraph> graph = model_state_->graph;
  require<StateError>(graph != nullptr, plain_class_name(*this),
                      "The model has no graph and its class does not override call().");
  return Tensors(replay(graph->inputs(), models::standardize_inputs(*this, inputs), graph->outputs()));
}

void ModelLayer::build_all(const std::vector<Shape>&) { models::name_parts(*this); }

namespace models {

void set_graph(ModelLayer& model, std::shared_ptr<const FunctionalGraph> graph) {
  LayerBase::State& state = model.state();
  state.parts.clear();
  for (const Operation& operation : graph->operations())
    if (operation.layer) state.parts.push_back({operation.name(), AnyLayer(operation.layer)});
  state.built = true;
  state.uses_mask = true;
  state.output_names = graph->outputs_are_named() ? graph->output_names() : std::vector<std::string>();
  model.model_state().graph = std::move(graph);
}

bool is_functional(const ModelLayer& model) { return model.model_state().graph != nullptr; }

namespace {

const FunctionalGraph& graph_of(const ModelLayer& model, const char* what) {
  const std::shared_ptr<const FunctionalGraph>& graph = model.model_state().graph;
  require<StateError>(graph != nullptr, plain_class_name(model), plain_class_name(model), " model '",
                      display_name(model), "' has no defined ", what,
                      model.model_state().is_sequential ? " yet. Hint: begin with Input({...}), or call build()."
                                                        : ": its call() is code, not a graph.");
  return *graph;
}

}  // namespace

const std::vector<Tensor>& inputs_of(const ModelLayer& model) { return graph_of(model, "inputs").inputs(); }
const std::vector<Tensor>& outputs_of(const ModelLayer& model) { return graph_of(model, "outputs").outputs(); }

std::vector<std::string> input_names_of(const ModelLayer& model) {
  return is_functional(model) ? model.model_state().graph->input_names() : std::vector<std::string>{};
}

std::vector<std::string> output_names_of(const ModelLayer& model) {
  if (is_functional(model)) return model.model_state().graph->output_names();
  std::vector<std::string> names = noted_output_names(model);
  if (!names.empty()) return names;
  const std::lock_guard lock(model.state().noted);
  for (std::size_t i = 0; i < model.state().last_shapes.size(); ++i) names.push_back("output_" + std::to_string(i + 1));
  return names;
}

bool outputs_are_named(const ModelLayer& model) {
  return is_functional(model) ? model.model_state().graph->outputs_are_named() : !noted_output_names(model).empty();
}

std::vector<std::size_t> output_order_of(const ModelLayer& model) {
  if (is_functional(model)) return model.model_state().graph->output_order();
  const std::vector<std::string> names = output_names_of(model);
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (outputs_are_named(model))
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  return order;
}

std::vector<AnyLayer> layers_of(const ModelLayer& model) {
  std::vector<AnyLayer> layers;
  for (const LayerPart& part : model.state().parts) {
    const bool is_input = dynamic_cast<const layers::InputLayerLayer*>(part.layer.ptr().get()) != nullptr;
    if (!(is_input && model.model_state().is_sequential)) layers.push_back(part.layer);
  }
  return layers;
}

void build_model(ModelLayer& model, const std::vector<ValueType>& inputs) {
  if (is_functional(model)) return;
  Scope scope(Mode::dry, false);
  Tensors x;
  for (const ValueType& type : inputs) x.push_back(placeholder(type));
  static_cast<void>(invoke(model, x, {}));
}

Tensors call_in_scope(const ModelLayer& model, const Tensors& x, bool training) {
  require<StateError>(Scope::current() != nullptr, plain_class_name(model),
                      "The model is called outside of any scope.");
  std::vector<Tensor> outputs = invoke(const_cast<ModelLayer&>(model), x, {.training = training});
  const std::vector<std::string> names = noted_output_names(model);
  if (names.size() != outputs.size()) return Tensors(std::move(outputs));
  std::vector<Tensors::Named> named;
  for (std::size_t i = 0; i < names.size(); ++i) named.emplace_back(names[i], outputs[i]);
  return Tensors(std::move(named));
}

}  // namespace models
}  // namespace kerata
