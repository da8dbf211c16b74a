#include "kerata/layers/layer.h"

#include "core/require.h"
#include "layers/layer_state.h"

namespace kerata {
namespace {

[[noreturn]] void fail_inputs(const LayerBase& layer, std::size_t count) {
  fail<ValueError>(plain_class_name(layer), "Layer '", display_name(layer), "' expects 1 input, but it received ",
                   count, " input tensors.");
}

}  // namespace

void Layer::build(const Shape&) { state().has_no_build = true; }

Tensor Layer::compute_mask(const Tensor&, const Tensor& mask) const {
  return state().supports_masking ? mask : Tensor();
}

void Layer::build_all(const std::vector<Shape>& inputs) {
  if (inputs.size() != 1) fail_inputs(*this, inputs.size());
  build(inputs[0]);
}

Tensors Layer::call_with(const Tensors& inputs, const CallContext& context) const {
  if (inputs.size() != 1) fail_inputs(*this, inputs.size());
  return call(inputs[0], context);
}

std::vector<Tensor> Layer::compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks, std::size_t) const {
  return {compute_mask(inputs[0], masks.empty() ? Tensor() : masks[0])};
}

namespace {

LayerBase& checked(const std::shared_ptr<LayerBase>& layer) {
  require<StateError>(layer != nullptr, "Layer", "The handle is empty.");
  return *layer;
}

std::shared_ptr<Node> first_call(const LayerBase& layer, const char* what) {
  for (const std::weak_ptr<Node>& call : layer.state().calls)
    if (std::shared_ptr<Node> node = call.lock()) return node;
  fail<StateError>(display_name(layer), "The layer has never been called on symbolic tensors, so it has no ", what,
                   ". Hint: call it on Input(), or add it to a model.");
}

}  // namespace

Tensors AnyLayer::call_all(const Tensors& inputs, const CallOptions& options) const {
  LayerBase& layer = checked(layer_);
  std::vector<Tensor> outputs = invoke(layer, inputs, options);
  const std::vector<std::string> names = noted_output_names(layer);
  if (names.size() != outputs.size()) return Tensors(std::move(outputs));
  std::vector<Tensors::Named> named;
  for (std::size_t i = 0; i < names.size(); ++i) named.emplace_back(names[i], outputs[i]);
  return Tensors(std::move(named));
}

Tensor AnyLayer::operator()(const Tensors& inputs, const CallOptions& options) const {
  std::vector<Tensor> outputs = invoke(checked(layer_), inputs, options);
  require<ValueError>(outputs.size() == 1, display_name(*layer_), "The layer has ", outputs.size(),
                      " outputs. Hint: auto [a, b] = layer.call_all(x).unpack<2>().");
  return outputs[0];
}

std::string AnyLayer::name() const { return checked(layer_).name(); }
std::string AnyLayer::class_name() const { return checked(layer_).class_name(); }
bool AnyLayer::built() const { return checked(layer_).built(); }
bool AnyLayer::trainable() const { return checked(layer_).trainable(); }
void AnyLayer::set_trainable(bool trainable) const { checked(layer_).set_trainable(trainable); }

Tensor AnyLayer::input() const {
  const std::shared_ptr<Node> node = first_call(checked(layer_), "input");
  if (!node->composite) return Tensor(node);
  require<ValueError>(node->call.num_inputs == 1, display_name(*layer_), "The layer has ", node->call.num_inputs,
                      " inputs, not one.");
  return node->inputs[0];
}

Tensor AnyLayer::output() const {
  const std::shared_ptr<Node> node = first_call(checked(layer_), "output");
  require<ValueError>(node->outputs.size() == 1, display_name(*layer_), "The layer has ", node->outputs.size(),
                      " outputs, not one.");
  return Tensor(node);
}

Shape AnyLayer::input_shape() const { return input().shape(); }
Shape AnyLayer::output_shape() const { return output().shape(); }
std::vector<Variable> AnyLayer::weights() const { return checked(layer_).weights(); }
std::vector<Variable> AnyLayer::trainable_weights() const { return checked(layer_).trainable_weights(); }
std::vector<Variable> AnyLayer::non_trainable_weights() const { return checked(layer_).non_trainable_weights(); }
Config AnyLayer::get_config() const { return checked(layer_).get_config(); }

Tensors AnyLayer::get_weights() const {
  Tensors values;
  for (const Variable& weight : weights()) values.push_back(weight.value());
  return values;
}

void AnyLayer::set_weights(const Tensors& values) const { kerata::set_weights(checked(layer_), values); }

Dim AnyLayer::count_params() const {
  const LayerBase& layer = checked(layer_);
  require<StateError>(layer.built(), display_name(layer), "You tried to call count_params on layer '",
                      display_name(layer), "', but the layer isn't built. Hint: call it on data or on Input() first.");
  Dim count = 0;
  for (const Variable& weight : layer.weights()) count += weight.shape().size();
  return count;
}

}  // namespace kerata
