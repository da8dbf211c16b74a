#include "layers/registry.h"

#include "layers/layer_state.h"

namespace kerata {
namespace {

ClassFamily<LayerBase>& family() {
  static ClassFamily<LayerBase> instance({"layer", "layer_from_config", "keras.layers"}, built_in_layers());
  return instance;
}

/// One shape from a list of sizes and nulls.
Shape shape_from(const Config& config) {
  Shape shape;
  read_config(config, shape);
  for (Dim size : shape)
    require<ValueError>(size >= -1, "build_config", "Expected sizes of at least 0, received ", excerpt(config), '.');
  return shape;
}

bool is_shape(const Config& config) {
  if (!config.is_list()) return false;
  for (const Config& size : config.as_list())
    if (!size.is_null() && !size.is_number()) return false;
  return true;
}

}  // namespace

std::string registered_name(std::type_index type) { return family().name_of(type); }

void register_layer_factory(const std::string& name, const std::type_info& type, LayerFactory factory) {
  family().add_class(name, type, factory);
}

Config build_config(const LayerBase& layer) {
  LayerBase::State& state = layer.state();
  const std::vector<Shape>& shapes = state.build_shapes;
  if (!state.built || state.has_no_build || shapes.empty()) return {};
  const std::lock_guard lock(state.noted);  // the names
  Config inputs = config_of(shapes[0]);
  if (shapes.size() == state.input_names.size()) {
    inputs = Config::Object{};
    for (std::size_t i = 0; i < shapes.size(); ++i) inputs.set(state.input_names[i], config_of(shapes[i]));
  } else if (shapes.size() > 1 && !state.extra_inputs_are_states) {
    Config::List list;
    for (const Shape& shape : shapes) list.push_back(config_of(shape));
    inputs = Config(std::move(list));
  }
  return Config::Object{{"input_shape", std::move(inputs)}};
}

void build_from_config(LayerBase& layer, const Config& config) {
  const std::string where = display_name(layer);
  const Config* inputs = config.is_object() ? config.find("input_shape") : nullptr;
  if (config.is_object() && !inputs)  // of a recurrent layer that was given its first states
    if (const Config* shapes = config.find("shapes_dict"); shapes && shapes->is_object())
      inputs = shapes->find("sequences_shape");
  require<ValueError>(inputs && (inputs->is_list() || inputs->is_object()), where,
                      "build_config: Expected {\"input_shape\": [...]}, received ", excerpt(config), '.');
  std::vector<Tensor> tensors;
  auto add = [&](const Config& shape) {
    tensors.push_back(placeholder({layer.state().policy.compute_dtype(), shape_from(shape)}));
  };
  if (is_shape(*inputs)) {
    add(*inputs);
  } else if (inputs->is_list()) {
    for (const Config& shape : inputs->as_list()) add(shape);
  } else {
    for (const auto& [name, shape] : inputs->as_object()) add(shape);
  }
  ensure_built(layer, tensors);
}

Config serialize_layer(const LayerBase& layer) {
  Config config = family().to_config(layer);
  if (Config shapes = build_config(layer); !shapes.is_null()) config.set("build_config", std::move(shapes));
  return config;
}

AnyLayer layer_from_config(const Config& config) {
  require<ValueError>(config.is_object() && config.find("class_name") && config.find("config"), "layer_from_config",
                      "Expected {\"class_name\": ..., \"config\": {...}}, received ", excerpt(config), '.');
  const Config* module = config.find("module");
  require<ValueError>(!module || !module->is_text() || !module->as_text().starts_with("keras.src.ops"),
                      "layer_from_config", "This is an operation, not a layer: ", excerpt(config), '.');
  return AnyLayer(family().from_config(config));
}

namespace detail {

std::string layer_class_name(const std::type_info& type) { return plain_class_name(type); }

Config common_keys_first(const Config& config) {
  Config sorted{Config::Object{}};
  for (const char* key : {"name", "trainable", "dtype"})
    if (const Config* value = config.find(key)) sorted.set(key, *value);
  for (const auto& [key, value] : config.as_object()) sorted.set(key, value);
  return sorted;
}

Config in_new_spelling(const Config& config, const std::string& class_name, Shape& input_shape) {
  Config::Object renewed;
  auto read_shape = [&](const char* key) {
    read_key(config, key, class_name, &read_value<Shape>, &input_shape);
    if (input_shape.rank() > 0) input_shape = input_shape.from(1);  // without the batch
  };
  require<ValueError>(config.is_object(), class_name, "Expected an object with the class's arguments, received ",
                      excerpt(config), '.');
  for (const auto& [key, value] : config.as_object()) {
    if (key == "batch_input_shape" || key == "batch_shape")
      read_shape(key.c_str());
    else if (key == "axis" && value.is_list() && value.as_list().size() == 1)  // of BatchNormalization
      renewed.emplace_back(key, value.as_list()[0]);
    else
      renewed.emplace_back(key, value);
  }
  return Config(std::move(renewed));
}

void fail_no_fields(const LayerBase* layer) {
  fail<StateError>(plain_class_name(*layer),
                   "The class does not say what its config holds. Hint: give its Options a static fields() and the "
                   "class a kArguments with the names of the positional arguments.");
}

void fail_missing_argument(std::string_view class_name, const char* name) {
  fail<ValueError>(class_name, "The config has no \"", name, "\".");
}

}  // namespace detail
}  // namespace kerata
