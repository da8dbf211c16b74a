// What compile() was given, as config and back.
#include "core/require.h"
#include "metrics/metric_access.h"
#include "models/model_config.h"
#include "models/model_state.h"
#include "optimizers/optimizer_access.h"

namespace kerata::models {
namespace {

/// A function of Keras's own goes by its name.
Config named_or_object(Config config) {
  if (!config.is_object()) return config;
  const Config *class_name = config.find("class_name"), *module = config.find("module"), *name = config.find("config");
  const bool is_function = class_name && class_name->is_text() && class_name->as_text() == "function";
  return is_function && module && module->is_text() && module->as_text() == "builtins" && name ? *name : config;
}

Config loss_config(const AnyLoss& loss) { return loss ? named_or_object(loss->to_config()) : Config(); }

Config metric_config(const AnyMetric& metric) {
  const std::string& identifier = MetricAccess::state(*metric).identifier;
  return identifier.empty() ? named_or_object(metric->to_config()) : Config(identifier);
}

Config optimizer_config(const AnyOptimizer& optimizer) {
  const std::string& identifier = OptimizerAccess::state(*optimizer).identifier;
  return identifier.empty() ? optimizer->to_config() : Config(identifier);
}

template <class T, class F>
Config per_output_config(const PerOutput<T>& given, const F& one) {
  if (given.empty()) return {};
  if (given.is_single()) return one(given.values()[0]);
  if (given.names().empty()) {
    Config::List list;
    for (const T& value : given.values()) list.push_back(one(value));
    return list;
  }
  Config::Object by_name;
  for (std::size_t i = 0; i < given.values().size(); ++i)
    by_name.emplace_back(given.names()[i], one(given.values()[i]));
  return by_name;
}

Config metrics_config(const Metrics& metrics) {
  if (metrics.empty()) return {};
  auto list_of = [](const MetricList& list) {
    Config::List result;
    for (const AnyMetric& metric : list.list()) result.push_back(metric_config(metric));
    return Config(std::move(result));
  };
  if (!metrics.names().empty()) {
    Config::Object by_name;
    for (std::size_t i = 0; i < metrics.lists().size(); ++i)
      by_name.emplace_back(metrics.names()[i], list_of(metrics.lists()[i]));
    return by_name;
  }
  if (!metrics.is_per_output()) return list_of(metrics.lists()[0]);
  Config::List lists;
  for (const MetricList& list : metrics.lists()) lists.push_back(list.size() ? list_of(list) : Config());
  return lists;
}

const Config* given(const Config& config, const char* key) {
  const Config* value = config.find(key);
  return value && !value->is_null() ? value : nullptr;
}

bool is_object_config(const Config& config) {
  return config.is_text() || (config.is_object() && config.find("class_name"));
}

template <class T, class F>
PerOutput<T> read_per_output(const Config* config, const F& one) {
  if (!config) return {};
  if (config->is_list()) {
    std::vector<T> list;
    for (const Config& element : config->as_list()) list.push_back(one(element));
    return PerOutput<T>(std::move(list));
  }
  if (!config->is_object() || is_object_config(*config)) return PerOutput<T>(one(*config));
  std::vector<std::pair<std::string, T>> by_name;
  for (const auto& [name, value] : config->as_object()) by_name.emplace_back(name, one(value));
  return PerOutput<T>::by_name(std::move(by_name));
}

AnyLoss read_loss(const Config& config) { return config.is_null() ? AnyLoss() : AnyLoss(Loss::from_config(config)); }

MetricList read_metric_list(const Config& config) {
  std::vector<AnyMetric> list;
  // Names stay names: "accuracy" means another metric for another output, and is a new one at every compile().
  auto add = [&](const Config& one) {
    if (one.is_text())
      list.emplace_back(one.as_text());
    else if (!one.is_null())
      list.emplace_back(Metric::from_config(one));
  };
  if (config.is_list())
    for (const Config& one : config.as_list()) add(one);
  else
    add(config);
  return MetricList(std::move(list));
}

Metrics read_metrics(const Config* config) {
  if (!config) return {};
  if (config->is_list()) {
    bool per_output = false;
    for (const Config& element : config->as_list()) per_output = per_output || element.is_list() || element.is_null();
    if (!per_output) return config->as_list().empty() ? Metrics() : Metrics::for_all(read_metric_list(*config));
    std::vector<MetricList> lists;
    for (const Config& element : config->as_list()) lists.push_back(read_metric_list(element));
    return Metrics::per_output(std::move(lists));
  }
  if (is_object_config(*config)) return Metrics::for_all(read_metric_list(*config));
  std::vector<std::pair<std::string, MetricList>> by_name;
  for (const auto& [name, value] : config->as_object()) by_name.emplace_back(name, read_metric_list(value));
  return Metrics::by_name(std::move(by_name));
}

}  // namespace

Config compile_config(const ModelLayer& model) {
  const auto& options = model.model_state().compile_options;
  if (!options) return Config(Config::Object{});
  return Config::Object{
      {"optimizer", optimizer_config(options->optimizer)},
      {"loss", per_output_config(options->loss, loss_config)},
      {"loss_weights", per_output_config(options->loss_weights, [](double weight) { return Config(weight); })},
      {"metrics", metrics_config(options->metrics)},
      {"weighted_metrics", metrics_config(options->weighted_metrics)},
      {"run_eagerly", options->run_eagerly},
      {"steps_per_execution", options->steps_per_execution},
      {"jit_compile", "auto"}};
}

CompileOptions compile_options_from_config(const Config& config) {
  require<ValueError>(config.is_object(), "compile_from_config", "Expected an object, received ", excerpt(config), '.');
  CompileOptions options;
  const Config* optimizer = given(config, "optimizer");
  if (!optimizer) optimizer = given(config, "optimizer_config");
  if (optimizer)
    options.optimizer =
        optimizer->is_text() ? AnyOptimizer(optimizer->as_text()) : AnyOptimizer(Optimizer::from_config(*optimizer));
  options.loss = read_per_output<AnyLoss>(given(config, "loss"), read_loss);
  options.loss_weights = read_per_output<double>(
      given(config, "loss_weights"), [](const Config& weight) { return weight.is_null() ? 1.0 : weight.as_number(); });
  options.metrics = read_metrics(given(config, "metrics"));
  options.weighted_metrics = read_metrics(given(config, "weighted_metrics"));
  if (const Config* eagerly = given(config, "run_eagerly")) options.run_eagerly = eagerly->as_bool();
  if (const Config* steps = given(config, "steps_per_execution"); steps && steps->is_integer()) {
    require<ValueError>(steps->as_integer() >= 1 && steps->as_integer() <= INT32_MAX, "compile_from_config",
                        "Expected steps_per_execution of at least 1, received ", steps->as_integer(), '.');
    options.steps_per_execution = static_cast<int>(steps->as_integer());
  }
  return options;
}

void compile_from_config(Model& model, const Config& config) {
  if (config.is_null() || (config.is_object() && config.as_object().empty())) return;
  model.compile(compile_options_from_config(config));
}

}  // namespace kerata::models
