#include "kerata/layers/input.h"

#include "core/require.h"
#include "layers/input_layer.h"
#include "layers/layer_state.h"

namespace kerata {
namespace layers {
namespace {

/// Keeps an Input's layer with its node.
struct InputAttrs {
  std::shared_ptr<LayerBase> layer;
  static constexpr auto fields() { return std::tuple{attr("layer", &InputAttrs::layer)}; }
};

std::shared_ptr<InputLayerLayer> make_input(const Shape& shape, const InputOptions& options) {
  auto layer = std::make_shared<InputLayerLayer>(shape, options);
  detail::CommonOptions common;
  common.name = options.name;
  layer->adopt_recipe(nullptr, std::move(common));
  layer->state().built = true;
  return layer;
}

}  // namespace

InputLayerLayer::InputLayerLayer(const Shape& shape, const InputOptions& options) : dtype_(options.dtype) {
  require<ValueError>(options.batch_size == -1 || options.batch_size > 0, "Input",
                      "Expected a positive batch_size, received ", options.batch_size, '.');
  batch_shape_.push_back(options.batch_size);
  for (Dim size : shape) {
    require<ValueError>(size >= -1, "Input", "Expected sizes of at least 0, or -1 for any, received ", size, '.');
    batch_shape_.push_back(size);
  }
}

Tensors InputLayerLayer::call(const Tensors& inputs, const CallContext&) const { return inputs; }

Tensor InputLayerLayer::tensor() {
  if (const std::shared_ptr<Node> node = node_.lock()) return Tensor(node);
  const Tensor x = placeholder({dtype_, batch_shape_});
  x.node()->is_input = true;
  x.node()->name = name();
  x.node()->attrs = InputAttrs{shared_from_this()};
  node_ = x.node_ptr();
  state().calls.push_back(node_);
  state().last_shapes = {x.shape()};
  return x;
}

Config InputLayerLayer::get_config() const {
  Config config{Config::Object{}};
  config.set("batch_shape", config_of(batch_shape_));
  config.set("dtype", std::string(to_string(dtype_)));
  config.set("sparse", false);
  config.set("ragged", false);
  config.set("name", name().empty() ? Config() : Config(name()));
  config.set("optional", false);
  return config;
}

InputLayer::InputLayer(const Shape& shape, const InputOptions& options) : AnyLayer(make_input(shape, options)) {}

namespace {

/// An InputLayer's config as it is read; get_config() writes more.
struct InputFields {
  Shape batch_shape = {};
  Choice<DType> dtype = "float32";
  std::string name = {};
  static constexpr KerasKey kKerasKeys[] = {
      {"sparse", KerasKey::may_be_no}, {"ragged", KerasKey::may_be_no}, {"optional", KerasKey::may_be_no}};
  static constexpr auto fields() {
    return std::tuple{field("batch_shape", &InputFields::batch_shape), field("dtype", &InputFields::dtype),
                      field("name", &InputFields::name)};
  }
};

}  // namespace

std::shared_ptr<LayerBase> InputLayer::from_config(const Config& given) {
  Config::Object renewed;  // Keras 2: batch_input_shape
  for (const auto& [key, value] : given.as_object())
    renewed.emplace_back(key == "batch_input_shape" ? "batch_shape" : key, value);
  const Config config(std::move(renewed));
  const auto fields = read_fields<InputFields>(config, "InputLayer");
  require<ValueError>(fields.batch_shape.rank() > 0, "InputLayer", "The config has no \"batch_shape\".");
  return make_input(fields.batch_shape.from(1),
                    {.batch_size = fields.batch_shape[0], .dtype = fields.dtype, .name = fields.name});
}

}  // namespace layers

Tensor Input(const Shape& shape, const InputOptions& options) { return layers::make_input(shape, options)->tensor(); }

std::shared_ptr<LayerBase> input_layer_of(const Tensor& x) {
  if (x.is_empty() || !x.node()->is_input) return nullptr;
  return x.node()->attrs.as<layers::InputAttrs>().layer;
}

}  // namespace kerata
