#include "models/config_case.h"

#include "models/model_config.h"
#include "saving/json.h"

namespace kerata::testing_configs {

nlohmann::json plain(const Json& config) {
  if (config.is_object()) {
    nlohmann::json result = nlohmann::json::object();
    for (const auto& [key, value] : config.items())
      if (key != "shared_object_id") result[key] = plain(value);
    // Keras notes the shapes of first states too, and reads the short form as well.
    if (result.contains("shapes_dict")) return {{"input_shape", result["shapes_dict"]["sequences_shape"]}};
    return result;
  }
  if (config.is_array()) {
    nlohmann::json result = nlohmann::json::array();
    for (const Json& element : config) result.push_back(plain(element));
    return result;
  }
  return nlohmann::json::parse(config.dump());
}

nlohmann::json written(const Config& config) { return plain(Json::parse(saving::to_json(config))); }

std::string difference(const nlohmann::json& actual, const nlohmann::json& expected) {
  return nlohmann::json::diff(expected, actual).dump();
}

std::vector<Tensor> flatten(const Json& form, const Json& values, const golden::File& file) {
  if (values.is_object() && values.contains("dtype")) return {file.tensor(values)};
  std::vector<Tensor> result;
  auto add = [&](const Json& inner, const Json& value) {
    for (const Tensor& x : flatten(inner, value, file)) result.push_back(x);
  };
  if (values.is_object())
    for (const auto& [key, inner] : form.items()) add(inner, values.at(key));
  else
    for (std::size_t i = 0; i < values.size(); ++i)
      add(form.is_array() && i < form.size() ? form[i] : Json(), values[i]);
  return result;
}

Model expect_computes(const Json& golden_case, const golden::File& file) {
  const std::string name = golden_case.at("name").get<std::string>();
  const Json& config = golden_case.at("config");
  Model model = models::model_from_config(saving::parse_json(config.dump(), name));
  if (golden_case.contains("weights")) model.set_weights(Tensors(file.tensors(golden_case.at("weights"))));
  const Json inputs = golden_case.contains("inputs") ? golden_case.at("inputs") : Json();
  const Json form = config.at("config").is_object() && config.at("config").contains("input_layers")
                        ? config.at("config")
                        : Json{{"input_layers", Json()}, {"output_layers", Json()}};
  std::vector<Tensor> x;
  if (!inputs.is_null()) {
    x = flatten(form.at("input_layers"), inputs, file);
  } else {
    for (const std::string& input : model.input_names()) x.push_back(file.tensor(file["op_inputs"].at(input)));
  }
  const std::vector<Tensor> expected = flatten(form.at("output_layers"), golden_case.at("outputs"), file);
  const std::vector<Tensor> outputs = model.call_all(Tensors(x)).list();
  EXPECT_EQ(outputs.size(), expected.size()) << name;
  for (std::size_t i = 0; i < std::min(outputs.size(), expected.size()); ++i) {
    EXPECT_EQ(to_string(outputs[i].dtype()), to_string(expected[i].dtype())) << name;
    golden::expect_near_all(outputs[i], expected[i], {}, name);
  }
  return model;
}

}  // namespace kerata::testing_configs
