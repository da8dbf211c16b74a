#include "saving/h5_config.h"

#include <array>
#include <utility>

namespace kerata::saving {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kLongNames{{
    {"mse", "mean_squared_error"},
    {"mae", "mean_absolute_error"},
    {"mape", "mean_absolute_percentage_error"},
    {"msle", "mean_squared_logarithmic_error"},
    {"bce", "binary_crossentropy"},
    {"kld", "kl_divergence"},
}};

std::string long_name(const std::string& name) {
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [from, to] : kLongNames)
    if (lower == from) return std::string(to);
  return name;
}

Config class_name_of(const Config& object) {
  const Config* registered = object.find("registered_name");
  if (registered && registered->is_text()) return *registered;
  return *object.find("class_name");
}

bool is_layer(const Config& entry) { return entry.is_object() && entry.find("class_name") && entry.find("config"); }

bool is_op(const Config& entry) {
  const Config* module = entry.find("module");
  return module && module->is_text() && module->as_text().starts_with("keras.src.ops");
}

Config old_layer(const Config& entry);

// The arguments of a model: its layers in the older form.
Config old_arguments(const Config& config) {
  const Config* layers = config.is_object() ? config.find("layers") : nullptr;
  if (!layers || !layers->is_list()) return config;
  Config::List list;
  for (const Config& layer : layers->as_list())
    list.push_back(is_layer(layer) && !is_op(layer) ? old_layer(layer) : layer);
  Config result = config;
  result.set("layers", Config(std::move(list)));
  return result;
}

Config old_layer(const Config& entry) {
  Config result{Config::Object{}};
  result.set("class_name", class_name_of(entry));
  result.set("config", old_arguments(*entry.find("config")));
  for (const char* key : {"name", "inbound_nodes"})
    if (const Config* value = entry.find(key)) result.set(key, *value);
  return result;
}

// A loss, a metric, or lists and objects of them.
template <class Name>
Config old_objects(const Config& value, const Name& name) {
  if (value.is_text()) return Config(name(value.as_text()));
  if (value.is_list()) {
    Config::List list;
    for (const Config& element : value.as_list()) list.push_back(old_objects(element, name));
    return Config(std::move(list));
  }
  if (!value.is_object()) return value;
  if (const Config* class_name = value.find("class_name")) {
    const Config* config = value.find("config");
    if (class_name->is_text() && class_name->as_text() == "function" && config) return old_objects(*config, name);
    return Config::Object{{"class_name", class_name_of(value)}, {"config", config ? *config : Config()}};
  }
  Config::Object members;
  for (const auto& [key, element] : value.as_object()) members.emplace_back(key, old_objects(element, name));
  return Config(std::move(members));
}

Config without_prefix(const Config& metric, const std::string& prefix) {
  const Config* config = metric.is_object() ? metric.find("config") : nullptr;
  const Config* name = config && config->is_object() ? config->find("name") : nullptr;
  if (!name || !name->is_text() || !name->as_text().starts_with(prefix)) return metric;
  Config plain = *config, result = metric;
  plain.set("name", name->as_text().substr(prefix.size()));
  result.set("config", std::move(plain));
  return result;
}

// A list of lists, one for each output.
Config without_prefixes(const Config& metrics, const std::vector<std::string>& outputs) {
  if (!metrics.is_list() || metrics.as_list().size() != outputs.size()) return metrics;
  Config::List lists;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Config& given = metrics.as_list()[i];
    if (!given.is_list()) return metrics;
    Config::List list;
    for (const Config& metric : given.as_list()) list.push_back(without_prefix(metric, outputs[i] + "_"));
    lists.emplace_back(std::move(list));
  }
  return lists;
}

}  // namespace

Config h5_model_config(const Config& model) {
  return Config::Object{{"class_name", class_name_of(model)}, {"config", old_arguments(*model.find("config"))}};
}

Config h5_training_config(const Config& compile, const Config& optimizer) {
  Config result{Config::Object{}};
  for (const auto& [key, value] : compile.as_object()) {
    if (key == "optimizer") continue;
    if (key == "loss")
      result.set(key, old_objects(value, long_name));
    else
      result.set(key, old_objects(value, [](const std::string& name) { return name; }));
  }
  result.set("optimizer_config",
             Config(Config::Object{{"class_name", class_name_of(optimizer)}, {"config", *optimizer.find("config")}}));
  return result;
}

Config with_plain_metric_names(const Config& training, const std::vector<std::string>& outputs) {
  if (!training.is_object() || outputs.size() < 2) return training;
  Config result = training;
  for (const char* key : {"metrics", "weighted_metrics"})
    if (const Config* metrics = training.find(key)) result.set(key, without_prefixes(*metrics, outputs));
  return result;
}

}  // namespace kerata::saving
