#include "kerata/layers/layer_base.h"

#include <unordered_set>

#include "core/require.h"
#include "graph/deferred_content.h"
#include "graph/scope.h"
#include "layers/layer_state.h"

namespace kerata {

LayerBase::LayerBase() : state_(std::make_unique<State>()) {}
LayerBase::~LayerBase() = default;

std::string LayerBase::name() const { return state_->name; }
bool LayerBase::built() const { return state_->built; }
bool LayerBase::trainable() const { return state_->trainable; }

void LayerBase::set_trainable(bool trainable) {
  state_->trainable = trainable;
  for (const WeightEntry& weight : state_->trainable_weights) weight.variable.cell()->layer_trainable = trainable;
  for (const LayerPart& part : state_->parts) part.layer.set_trainable(trainable);
}

namespace {

void collect_weights(const LayerBase& layer, std::vector<Variable>& found, std::unordered_set<const void*>& seen) {
  const LayerBase::State& state = layer.state();
  auto take = [&](const WeightEntry& weight) {
    if (seen.insert(weight.variable.cell()).second) found.push_back(weight.variable);
  };
  for (const WeightEntry& weight : state.trainable_weights) take(weight);
  for (const WeightEntry& weight : state.other_weights) take(weight);
  for (const LayerPart& part : state.parts) collect_weights(*part.layer.ptr(), found, seen);
}

}  // namespace

std::vector<Variable> LayerBase::weights() const {
  std::vector<Variable> found;
  std::unordered_set<const void*> seen;
  collect_weights(*this, found, seen);
  return found;
}

std::vector<Variable> LayerBase::trainable_weights() const {
  std::vector<Variable> found;
  if (!trainable()) return found;
  for (const Variable& weight : weights())
    if (weight.trainable()) found.push_back(weight);
  return found;
}

std::vector<Variable> LayerBase::non_trainable_weights() const {
  if (!trainable()) return weights();
  std::vector<Variable> found;
  for (const Variable& weight : weights())
    if (!weight.trainable()) found.push_back(weight);
  return found;
}

Config LayerBase::get_config() const {
  require<StateError>(state_->recipe != nullptr, display_name(*this),
                      "The layer was not made through a handle, so its arguments are not known. Hint: using ",
                      plain_class_name(*this), " = LayerRef<", plain_class_name(*this), "Layer, ...>.");
  Config config = state_->recipe->config();
  config.set("name", state_->name.empty() ? Config() : Config(state_->name));
  if (config.find("trainable")) config.set("trainable", state_->trainable);
  return config;
}

void LayerBase::adopt_recipe(std::unique_ptr<detail::Recipe> recipe, detail::CommonOptions common) {
  State& state = *state_;
  state.recipe = std::move(recipe);
  if (!common.name.empty()) {
    require<ValueError>(common.name.find('/') == std::string::npos, plain_class_name(*this),
                        "The name of a layer cannot contain '/'. Received '", common.name, "'.");
    state.name = common.name;
    state.name_given = true;
  }
  for (Dim size : common.input_shape)
    require<ValueError>(size == -1 || size > 0, plain_class_name(*this),
                        "Expected positive sizes (or -1) in input_shape, received ", common.input_shape, '.');
  state.policy = common.dtype;
  state.activity_regularizer = common.activity_regularizer;
  state.common = std::move(common);
  if (!state.common.trainable) set_trainable(false);
  assign_paths(*this, display_name(*this));
}

namespace {

Tensor first_value(const std::string& where, const std::string& name, const Shape& shape, DType dtype,
                   const WeightOptions& options) {
  Scope scope(Mode::eager, false);
  const AnyInitializer initializer = options.initializer  ? options.initializer
                                     : is_floating(dtype) ? AnyInitializer("glorot_uniform")
                                                          : AnyInitializer("zeros");
  const Tensor value = initializer->call(shape, dtype);
  require<ShapeError>(value.shape() == shape, where, "The initializer of '", name, "' gave another shape. Expected ",
                      shape, ", received ", value.shape(), '.');
  require<StateError>(!value.is_symbolic(), where, "The initializer of '", name, "' gave a symbolic tensor.");
  return value.dtype() == dtype ? value : value.cast(dtype);
}

}  // namespace

Variable LayerBase::add_weight(const std::string& name, const Shape& shape, const WeightOptions& options) {
  const std::string where = plain_class_name(*this) + ".add_weight";
  require<ShapeError>(shape.is_known(), where, "The shape ", shape, " of '", name,
                      "' has an unknown size. Hint: give Input() the sizes that the layer's weights depend on.");
  const Role role = options.trainable ? Role::trainable : Role::non_trainable;
  const DType type = options.dtype.value_or(dtype());
  DeferredContent* deferred = DeferredContent::current();
  const Variable variable = deferred ? deferred->make(name, role, {type, shape})
                                     : Variable(name, role, first_value(where, name, shape, type, options));
  State& state = *state_;
  WeightEntry entry{variable, options.regularizer, options.constraint, state.weight_prefix + name, state.weight_group};
  const std::string& prefix = state.path.empty() ? display_name(*this) : state.path;
  variable.cell()->path = prefix + "/" + entry.local_path;
  variable.cell()->layer_trainable = state.trainable;
  variable.cell()->autocast = options.autocast;
  (options.trainable ? state.trainable_weights : state.other_weights).push_back(std::move(entry));
  return variable;
}

void LayerBase::set_supports_masking(bool supports) { state_->supports_masking = supports; }
void LayerBase::set_uses_mask(bool uses) { state_->uses_mask = uses; }
void LayerBase::set_autocast(bool autocast) { state_->autocast = autocast; }
DType LayerBase::dtype() const { return state_->policy.variable_dtype(); }
DType LayerBase::compute_dtype() const { return state_->policy.compute_dtype(); }

std::vector<Tensor> LayerBase::compute_masks(const Tensors&, const std::vector<Tensor>& masks,
                                             std::size_t num_outputs) const {
  std::vector<Tensor> result(num_outputs);
  if (state_->supports_masking)
    for (std::size_t i = 0; i < num_outputs && i < masks.size(); ++i) result[i] = masks[i];
  return result;
}

bool is_or_holds(const LayerBase& whole, const LayerBase& part) {
  std::unordered_set<const LayerBase*> seen;
  std::vector<const LayerBase*> open{&whole};
  while (!open.empty()) {
    const LayerBase* layer = open.back();
    open.pop_back();
    if (layer == &part) return true;
    if (!seen.insert(layer).second) continue;
    for (const LayerPart& each : layer->state().parts) open.push_back(each.layer.ptr().get());
  }
  return false;
}

void LayerBase::adopt_part(const std::string& name, const AnyLayer& part) {
  require<StateError>(!part.is_empty(), plain_class_name(*this) + ".add_layer", "The part '", name, "' is empty.");
  require<ValueError>(
      !is_or_holds(*part.ptr(), *this), plain_class_name(*this) + ".add_layer", "The part '", name,
      "' is or holds the layer itself, so calling it would never end. Expected a graph without cycles.");
  for (const LayerPart& other : state_->parts)
    require<ValueError>(other.name != name, plain_class_name(*this) + ".add_layer", "There are two parts '", name,
                        "'. Hint: the name of a part is its path in saved files.");
  state_->parts.push_back({name, part});
  LayerBase& child = *part.ptr();
  if (!state_->is_model && child.state().name.empty()) child.state().name = name;
  if (!state_->trainable) child.set_trainable(false);
}

}  // namespace kerata
