#include "layers/golden_layer.h"

#include <algorithm>

namespace kerata::test {
namespace {

const golden::File& file() { return golden::open("layers"); }

}  // namespace

GoldenLayer::GoldenLayer(const golden::Json& entry) : entry_(entry) {}

Config GoldenLayer::config() const {
  return Config(Config::Object{{"class_name", entry_.at("class").get<std::string>()},
                               {"config", golden::config(entry_.at("config"))}});
}

AnyLayer GoldenLayer::make() const {
  const AnyLayer layer = layer_from_config(config());
  if (has("adapt")) {
    auto* normalization = dynamic_cast<layers::NormalizationLayer*>(layer.ptr().get());
    if (!normalization) throw ValueError("[golden] only Normalization adapts");
    normalization->adapt(file().tensor(entry_.at("adapt")));
    return layer;
  }
  // On symbolic inputs of the sizes of the data the layer builds itself, and nothing runs.
  std::vector<Tensor> symbolic;
  for (const Tensor& x : inputs())
    symbolic.push_back(x.shape()[0] > 0
                           ? Input(x.shape().from(1), {.batch_size = x.shape()[0], .dtype = Choice<DType>(x.dtype())})
                           : Input(x.shape().from(1), {.dtype = Choice<DType>(x.dtype())}));
  static_cast<void>(layer.call_all(Tensors(symbolic)));
  const std::vector<Tensor> weights = tensors("weights");
  if (!weights.empty()) layer.set_weights(Tensors(weights));
  return layer;
}

Tensors GoldenLayer::inputs() const {
  std::vector<Tensor> values = tensors("inputs");
  const std::vector<Tensor> masks = tensors("input_masks");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!masks.at(i).is_empty()) values[i] = values[i].with_mask(masks[i]);
  return Tensors(values);
}

CallOptions GoldenLayer::call_options() const {
  CallOptions options;
  for (const auto& [key, value] : entry_.at("call_kwargs").items()) {
    if (key == "training")
      options.training = value.get<bool>();
    else if (key == "mask")
      options.mask = file().tensor(value);
    else if (key == "initial_state")
      options.initial_state = Tensors(file().tensors(value));
    else
      throw ValueError("[golden] unknown call argument " + key);
  }
  return options;
}

std::vector<Tensor> GoldenLayer::tensors(const char* key) const {
  return has(key) ? file().tensors(entry_.at(key)) : std::vector<Tensor>();
}

std::vector<std::size_t> golden_layer_indices() {
  std::vector<std::size_t> indices(file()["cases"].size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

const golden::Json& golden_layer_entry(std::size_t index) { return file()["cases"].at(index); }

std::string golden_layer_name(std::size_t index) {
  auto name = golden_layer_entry(index).at("name").get<std::string>();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

}  // namespace kerata::test
