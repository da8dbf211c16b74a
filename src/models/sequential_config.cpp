// A Sequential as config and back.
#include "core/require.h"
#include "kerata/core/fields.h"
#include "models/graph_config.h"
#include "models/recipes.h"
#include "models/sequential_layer.h"

namespace kerata::models {

Config sequential_config(const ModelLayer& model) {
  const auto& sequential = static_cast<const SequentialLayer&>(model);
  Config::List layers;
  for (const LayerPart& part : model.state().parts) layers.push_back(serialize_any(*part.layer.ptr()));
  Config config = Config::Object{{"name", display_name(model)},
                                 {"trainable", model.trainable()},
                                 {"dtype", config_of(model.state().policy)},
                                 {"layers", Config(std::move(layers))}};
  if (is_functional(model) && sequential.input_layer())
    config.set("build_input_shape",
               config_of(static_cast<const layers::InputLayerLayer&>(*sequential.input_layer()).batch_shape()));
  return config;
}

namespace {

/// Keras 1 and 2: the first layer says the shape of the model's input.
void add_input_of(const Config& first, SequentialLayer& model) {
  const Config* fields = first.is_object() ? first.find("config") : nullptr;
  const Config* shape = fields && fields->is_object() ? fields->find("batch_input_shape") : nullptr;
  const Config* class_name = first.is_object() ? first.find("class_name") : nullptr;
  if (!shape || !shape->is_list() || shape->as_list().empty()) return;
  if (class_name && class_name->is_text() && class_name->as_text() == "InputLayer") return;
  Shape sizes;
  read_config(*shape, sizes);
  InputOptions options{.batch_size = sizes[0]};
  const Config* dtype = fields->find("dtype");
  if (dtype && dtype->is_text()) options.dtype = Choice<DType>::parse(dtype->as_text());
  model.add(Input(sizes.from(1), options), false);
}

}  // namespace

std::shared_ptr<LayerBase> sequential_from_config(const Config& config, const LoadOptions& options) {
  const bool is_list = config.is_list();
  const Config* layers = is_list ? &config : config.find("layers");
  const Config* name = is_list ? nullptr : config.find("name");
  const std::string where = name && name->is_text() ? name->as_text() : "sequential";
  require<ValueError>(layers && layers->is_list(), where, "The config of the Sequential '", where,
                      "' has no list \"layers\": ", excerpt(config), '.');
  const Config* trainable = is_list ? nullptr : config.find("trainable");
  const std::shared_ptr<SequentialLayer> model =
      make_sequential({.name = name && name->is_text() ? name->as_text() : std::string(),
                       .trainable = !trainable || trainable->is_null() || trainable->as_bool()});
  if (const Config* dtype = is_list ? nullptr : config.find("dtype")) read_config(*dtype, model->state().policy);
  for (const Config& layer : layers->as_list()) {
    if (&layer == &layers->as_list()[0]) add_input_of(layer, *model);
    try {
      model->add(AnyLayer(any_from_config(layer, options)), false);
    } catch (Error& error) {
      error.add_context("in the Sequential '" + where + "'");
      throw;
    }
  }
  model->rebuild();
  const Config* shape = is_list ? nullptr : config.find("build_input_shape");
  if (shape && shape->is_list() && !shape->as_list().empty() && !is_functional(*model) && !model->list().empty()) {
    Shape sizes;
    read_config(*shape, sizes);
    build_model(*model, {{model->list()[0]->state().policy.compute_dtype(), sizes}});
  }
  return model;
}

}  // namespace kerata::models
