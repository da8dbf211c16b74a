#include "kerata/models/sequential.h"

#include "core/require.h"
#include "layers/input_layer.h"
#include "models/functional_graph.h"
#include "models/graph_config.h"
#include "models/graph_parts.h"
#include "models/recipes.h"
#include "models/sequential_layer.h"

namespace kerata {
namespace models {

SequentialLayer::SequentialLayer() {
  model_state().is_sequential = true;
  model_state().is_subclassed = false;
  state().is_subclassed_model = false;
}

void SequentialLayer::set_input(const Tensor& input) {
  const std::shared_ptr<LayerBase> layer = input_layer_of(input);
  require<ValueError>(layer != nullptr, "Sequential",
                      "Only layers, models and the tensor of Input() can be added. Received "
                      "the output of a layer.");
  require<ValueError>(!input_layer_ || input_is_deferred_, "Sequential", "Sequential model '", display_name(*this),
                      "' has already been configured to use input shape ", input_.is_empty() ? Shape{} : input_.shape(),
                      ". You cannot add a different Input layer to it.");
  require<ValueError>(layers_.empty(), "Sequential", "An Input can only be the first element of a Sequential.");
  input_layer_ = layer;
  input_ = input;
}

void SequentialLayer::set_input_from(const LayerBase& first) {
  if (input_layer_) return;
  const detail::CommonOptions& common = first.state().common;
  const auto* model = dynamic_cast<const ModelLayer*>(&first);
  if (common.has_input_shape) {
    set_input(Input(common.input_shape,
                    {.dtype = first.state().autocast ? first.state().policy.compute_dtype() : DType::int32}));
  } else if (model && is_functional(*model) && inputs_of(*model).size() == 1) {
    const Tensor& x = inputs_of(*model)[0];
    set_input(Input(x.shape().from(1), {.batch_size = x.shape()[0] < 0 ? -1 : x.shape()[0], .dtype = x.dtype()}));
  }
}

void SequentialLayer::add(const SequentialItem& item, bool rebuild_now) {
  std::shared_ptr<LayerBase> layer = item.layer();
  if (!layer) {
    require<ValueError>(!item.input().is_empty(), "Sequential", "An element is empty.");
    set_input(item.input());
  } else if (auto* input = dynamic_cast<layers::InputLayerLayer*>(layer.get())) {
    set_input(input->tensor());
  } else {
    require<ValueError>(!is_or_holds(*layer, *this), "Sequential", "Layer '", display_name(*layer),
                        "' is or holds the model '", display_name(*this),
                        "' that it is added to. Expected a graph without cycles.");
    for (const auto& other : layers_)
      require<ValueError>(other == layer || layer->state().name.empty() || !layer->state().name_given ||
                              other->state().name != layer->state().name,
                          "Sequential", "All layers added to a Sequential model should have unique names. Name '",
                          layer->state().name,
                          "' is already the name of a layer in this model. Update the `name` argument "
                          "to pass a unique name.");
    if (layers_.empty()) set_input_from(*layer);
    layers_.push_back(layer);
  }
  if (!rebuild_now) return;
  try {
    rebuild();
  } catch (...) {
    if (item.layer() && !layers_.empty() && layers_.back() == layer) layers_.pop_back();
    if (outputs_.size() > layers_.size()) outputs_.resize(layers_.size());
    list_parts();
    throw;
  }
}

AnyLayer SequentialLayer::pop() {
  require<StateError>(!layers_.empty(), "Sequential.pop", "There are no layers in the model.");
  const AnyLayer last(layers_.back());
  layers_.pop_back();
  if (outputs_.size() > layers_.size()) outputs_.resize(layers_.size());
  rebuild();
  return last;
}

void SequentialLayer::call_layers() {
  while (outputs_.size() < layers_.size()) {
    LayerBase& layer = *layers_[outputs_.size()];
    const Tensor& x = outputs_.empty() ? input_ : outputs_.back();
    const std::vector<Tensor> y = invoke_symbolic(layer, x);
    require<ValueError>(y.size() == 1, "Sequential",
                        "All layers in a Sequential model should have a single output tensor. "
                        "Layer '",
                        display_name(layer), "' has ", y.size(), ". Hint: use Model(inputs, outputs).");
    outputs_.push_back(y[0]);
  }
}

void SequentialLayer::rebuild() {
  if (input_layer_ && !layers_.empty()) {
    call_layers();
    set_graph(*this,
              std::make_shared<FunctionalGraph>(std::vector<Tensor>{input_}, std::vector<Tensor>{outputs_.back()},
                                                tensor_leaf(0), tensor_leaf(0)));
  } else {
    model_state().graph = nullptr;
    state().built = false;
  }
  list_parts();
  if (!is_functional(*this)) name_parts(*this);
  if (!state().trainable) set_trainable(false);
}

// All layers in their order, also a layer that stands twice (once) and those of a model that is not built.
void SequentialLayer::list_parts() {
  std::vector<LayerPart>& parts = state().parts;
  parts.clear();
  auto take = [&](const std::shared_ptr<LayerBase>& layer) {
    for (const LayerPart& part : parts)
      if (part.layer.ptr() == layer) return;
    parts.push_back({layer->name(), AnyLayer(layer)});
  };
  if (input_layer_) take(input_layer_);
  for (const auto& layer : layers_) take(layer);
}

void SequentialLayer::build_all(const std::vector<Shape>& inputs) {
  require<ValueError>(!layers_.empty(), "Sequential", "Sequential model ", display_name(*this),
                      " cannot be built because it has no layers. Hint: model.add(layer).");
  require<ValueError>(inputs.size() == 1, "Sequential", "A Sequential model has one input. Received ", inputs.size(),
                      '.');
  const LayerBase::State& first = layers_[0]->state();
  const Shape& shape = inputs[0];
  std::vector<Dim> sample;
  for (Dim size : shape.from(1)) sample.push_back(size < 0 ? -1 : size);
  input_ = Input(Shape(sample), {.batch_size = shape[0] < 0 ? -1 : shape[0],
                                 .dtype = first.autocast ? first.policy.compute_dtype() : DType::int32});
  input_layer_ = input_layer_of(input_);
  input_is_deferred_ = true;
  outputs_.clear();
  try {
    rebuild();
  } catch (...) {
    input_layer_ = nullptr;
    outputs_.clear();
    list_parts();
    throw;
  }
}

Tensors SequentialLayer::call(const Tensors& inputs, const CallContext& context) const {
  require<StateError>(is_functional(*this), "Sequential", "Sequential model ", display_name(*this),
                      " cannot be called because it has no layers. Hint: model.add(layer).");
  return ModelLayer::call(inputs, context);
}

Config SequentialRecipe::config() const { return sequential_config(*model_); }

std::shared_ptr<LayerBase> SequentialRecipe::remake() const {
  const CloneOptions options;
  LayerCloner clone(options);
  return clone_sequence(*model_, {}, clone);
}

std::shared_ptr<LayerBase> clone_sequence(const ModelLayer& model, const std::vector<Tensor>& inputs,
                                          LayerCloner& clone) {
  const auto& sequence = static_cast<const SequentialLayer&>(model);
  const std::shared_ptr<SequentialLayer> copy = make_sequential({});
  const auto* input = static_cast<const layers::InputLayerLayer*>(sequence.input_layer().get());
  if (!inputs.empty()) {
    copy->add(inputs[0], false);
  } else if (input) {
    const Shape shape = input->batch_shape();
    const Tensor x = Input(shape.from(1), {.batch_size = shape[0], .dtype = input->input_dtype()});
    set_auto_name(*input_layer_of(x), input->name());
    copy->add(x, false);
  }
  for (const auto& layer : sequence.list()) copy->add(AnyLayer(clone(layer)), false);
  copy->rebuild();
  return copy;
}

std::shared_ptr<SequentialLayer> make_sequential(const Model::Options& options) {
  auto model = std::make_shared<SequentialLayer>();
  model->adopt_recipe(std::make_unique<SequentialRecipe>(*model), detail::common_options(options));
  return model;
}

namespace {

template <class List>
std::shared_ptr<LayerBase> filled(const List& items, const Model::Options& options) {
  const std::shared_ptr<SequentialLayer> model = make_sequential(options);
  for (const auto& item : items) model->add(item, false);
  model->rebuild();
  return model;
}

}  // namespace
}  // namespace models

Sequential::Sequential() : Model(models::make_sequential({})) {}
Sequential::Sequential(std::initializer_list<SequentialItem> layers) : Model(models::filled(layers, {})) {}
Sequential::Sequential(std::initializer_list<SequentialItem> layers, const Options& options)
    : Model(models::filled(layers, options)) {}
Sequential::Sequential(const std::vector<AnyLayer>& layers) : Model(models::filled(layers, {})) {}
Sequential::Sequential(const std::vector<AnyLayer>& layers, const Options& options)
    : Model(models::filled(layers, options)) {}

void Sequential::add(const SequentialItem& item) { static_cast<models::SequentialLayer&>(impl()).add(item); }
AnyLayer Sequential::pop() { return static_cast<models::SequentialLayer&>(impl()).pop(); }

}  // namespace kerata
