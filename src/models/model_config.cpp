#include "models/model_config.h"

#include <new>
#include <stdexcept>

#include "core/object_config.h"
#include "core/require.h"
#include "graph/scope.h"
#include "kerata/core/fields.h"
#include "layers/layer_state.h"
#include "layers/registry.h"
#include "models/graph_config.h"
#include "models/lambda_layer.h"
#include "models/recipes.h"
#include "models/sequential_layer.h"

namespace kerata {
namespace models {

Config GraphRecipe::config() const { return functional_config(*model_); }

namespace {

bool is_sequential(const ModelLayer& model) { return model.model_state().is_sequential; }
bool is_plain_functional(const ModelLayer& model) {
  return typeid(model) == typeid(ModelLayer) && is_functional(model);
}

Config class_config(const ModelLayer& model) {
  const Config config = model.get_config();
  if (is_sequential(model)) return object_config("keras", "Sequential", config);
  if (is_plain_functional(model))
    return object_config("keras.src.models.functional", "Functional", config, "Functional");
  const std::string name = model.class_name();
  return object_config({}, name, config, name);
}

/// {"input_shape": ...}; a functional model needs none.
Config model_build_config(const ModelLayer& model) {
  if (is_plain_functional(model)) return Config::Object{{"input_shape", nullptr}};
  if (is_sequential(model)) {
    const Config config = model.get_config();
    const Config* shape = config.find("build_input_shape");
    return shape ? Config(Config::Object{{"input_shape", *shape}}) : Config();
  }
  return build_config(model);
}

}  // namespace

Config serialize_model(const ModelLayer& model) {
  Config config = class_config(model);
  const Config build = model_build_config(model);
  if (!build.is_null()) config.set("build_config", build);
  config.set("compile_config", compile_config(model));
  return config;
}

Config serialize_any(const LayerBase& layer) {
  if (const auto* model = dynamic_cast<const ModelLayer*>(&layer)) return serialize_model(*model);
  if (!dynamic_cast<const LambdaLayer*>(&layer)) return serialize_layer(layer);
  Config config = object_config("keras.layers", "Lambda", layer.get_config());
  if (const Config build = build_config(layer); !build.is_null()) config.set("build_config", build);
  return config;
}

namespace {

/// The weights of a model of the user's own are made by its first call.
void build_by_call(ModelLayer& model, const Config& build) {
  const Config* shapes = build.is_object() ? build.find("input_shape") : nullptr;
  if (!shapes || shapes->is_null() || model.built()) return;
  Scope scope(Mode::dry, false);
  auto input = [](const Config& sizes) {
    Shape shape;
    read_config(sizes, shape);
    return placeholder({DType::float32, shape});
  };
  std::vector<Tensors::Named> by_name;
  std::vector<Tensor> list;
  if (shapes->is_object())
    for (const auto& [name, sizes] : shapes->as_object()) by_name.emplace_back(name, input(sizes));
  else if (!shapes->as_list().empty() && shapes->as_list()[0].is_list())
    for (const Config& sizes : shapes->as_list()) list.push_back(input(sizes));
  else
    list.push_back(input(*shapes));
  static_cast<void>(invoke(model, by_name.empty() ? Tensors(std::move(list)) : Tensors(std::move(by_name)), {}));
}

std::shared_ptr<LayerBase> nested_functional(const Config& config, std::string_view) {
  return functional_from_config(config, {});
}
std::shared_ptr<LayerBase> nested_sequential(const Config& config, std::string_view) {
  return sequential_from_config(config, {});
}

/// For layers that hold models.
void register_models() {
  static const bool done = [] {
    register_layer_factory("Functional", typeid(ModelLayer), nested_functional);
    register_layer_factory("Sequential", typeid(SequentialLayer), nested_sequential);
    return true;
  }();
  static_cast<void>(done);
}

std::shared_ptr<LayerBase> from_plain_config(const Config& config, const LoadOptions& options) {
  const bool is_graph = config.is_object() && config.find("input_layers");
  return is_graph ? functional_from_config(config, options) : sequential_from_config(config, options);
}

std::shared_ptr<LayerBase> checked_from_config(const Config& config, const LoadOptions& options) {
  register_models();
  const bool has_class = config.is_object() && config.find("class_name");
  const bool is_model = config.is_list() || (config.is_object() && config.find("layers"));
  require<ValueError>(has_class || is_model, "model_from_config",
                      "Expected the config of a model, {\"class_name\", \"config\"}, received ", excerpt(config), '.');
  return has_class ? any_from_config(config, options) : from_plain_config(config, options);
}

}  // namespace

std::shared_ptr<LayerBase> any_from_config(const Config& config, const LoadOptions& options) {
  const ObjectConfig object = read_object_config(config, "layer_from_config");
  if (!object.is_users && object.config) {
    if (object.class_name == "Sequential") return sequential_from_config(*object.config, options);
    if (object.class_name == "Functional" || object.class_name == "Model")
      return functional_from_config(*object.config, options);
    if (object.class_name == "Lambda") return lambda_from_config(config, options);
  }
  std::shared_ptr<LayerBase> layer = layer_from_config(config).ptr();
  const Config* build = config.find("build_config");
  auto* model = dynamic_cast<ModelLayer*>(layer.get());
  if (model && build) build_by_call(*model, *build);
  return layer;
}

Model model_from_config(const Config& config, const LoadOptions& options) {
  std::shared_ptr<LayerBase> layer;
  try {
    layer = checked_from_config(config, options);
  } catch (const std::bad_alloc&) {
    fail<ValueError>("model_from_config", "The model is too large for this machine's memory.");
  } catch (const std::length_error&) {
    fail<ValueError>("model_from_config", "The model is too large for this machine's memory.");
  }
  require<ValueError>(dynamic_cast<ModelLayer*>(layer.get()) != nullptr, "model_from_config",
                      "Expected a model, received a layer of the class ", layer->class_name(), '.');
  return Model(std::move(layer));
}

}  // namespace models

Model Model::from_config(const Config& config, const LoadOptions& options) {
  return models::model_from_config(config, options);
}

}  // namespace kerata
