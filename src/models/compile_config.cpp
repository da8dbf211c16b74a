// What compile() was given, as config and back.
#include "core/object_config.h"
#include "core/require.h"
#include "kerata/optimizers/loss_scale_optimizer.h"
#include "metrics/metric_access.h"
#include "models/model_config.h"
#include "models/model_state.h"
#include "optimizers/optimizer_access.h"

namespace kerata::models {
namespace {

// As in Keras, a name stays the user's word, and a function is written as one.
Config loss_config(const AnyLoss& loss) {
  if (!loss) return {};
  return loss.given_name().empty() ? loss->to_config() : Config(loss.given_name());
}

Config metric_config(const AnyMetric& metric) {
  if (!metric.given_name().empty()) return metric.given_name();
  const std::string& function = MetricAccess::state(*metric).identifier;
  return function.empty() ? metric->to_config() : function_config(function);
}

Config loss_weight_config(const std::optional<double>& weight) { return weight ? Config(*weight) : Config(); }

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

Config metric_list_config(const MetricList& metrics) {
  if (metrics.is_none()) return {};
  if (metrics.is_single()) return metric_config(metrics.list()[0]);
  Config::List list;
  for (const AnyMetric& metric : metrics.list()) list.push_back(metric_config(metric));
  return list;
}

Config metrics_config(const Metrics& metrics) {
  if (metrics.empty()) return {};
  if (!metrics.names().empty()) {
    Config::Object by_name;
    for (std::size_t i = 0; i < metrics.lists().size(); ++i)
      by_name.emplace_back(metrics.names()[i], metric_list_config(metrics.lists()[i]));
    return by_name;
  }
  // Keras takes no single metric here.
  if (!metrics.is_per_output()) return metric_list_config(MetricList(metrics.lists()[0].list()));
  Config::List lists;
  for (const MetricList& list : metrics.lists()) lists.push_back(metric_list_config(list));
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

AnyLoss read_loss(const Config& config) {
  if (config.is_null()) return {};
  return config.is_text() ? AnyLoss(config.as_text()) : AnyLoss(Loss::from_config(config));
}

std::optional<double> read_loss_weight(const Config& config) {
  if (config.is_null()) return {};
  return config.as_number();
}

// Names stay names: "accuracy" means another metric for another output, and is a new one at every compile().
AnyMetric read_metric(const Config& config) {
  return config.is_text() ? AnyMetric(config.as_text()) : AnyMetric(Metric::from_config(config));
}

MetricList read_metric_list(const Config& config) {
  if (config.is_null()) return {};
  if (!config.is_list()) return read_metric(config);
  std::vector<AnyMetric> list;
  for (const Config& one : config.as_list())
    if (!one.is_null()) list.push_back(read_metric(one));
  return list;
}

Metrics read_metrics(const Config* config) {
  if (!config) return {};
  if (config->is_list()) {
    bool per_output = false;
    for (const Config& element : config->as_list()) per_output = per_output || element.is_list() || element.is_null();
    if (!per_output) return Metrics::for_all(read_metric_list(*config));
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
  return Config::Object{{"optimizer", options->optimizer->to_config()},
                        {"loss", per_output_config(options->loss, loss_config)},
                        {"loss_weights", per_output_config(options->loss_weights, loss_weight_config)},
                        {"metrics", metrics_config(options->metrics)},
                        {"weighted_metrics", metrics_config(options->weighted_metrics)},
                        {"run_eagerly", options->run_eagerly},
                        {"steps_per_execution", options->steps_per_execution},
                        {"jit_compile", model.model_state().jit_compile}};
}

CompileOptions compile_options_from_config(const Config& config) {
  CompileOptions options;
  const Config* optimizer = given(config, "optimizer");
  if (!optimizer) optimizer = given(config, "optimizer_config");
  if (optimizer)
    options.optimizer =
        optimizer->is_text() ? AnyOptimizer(optimizer->as_text()) : AnyOptimizer(Optimizer::from_config(*optimizer));
  options.loss = read_per_output<AnyLoss>(given(config, "loss"), read_loss);
  options.loss_weights = read_per_output<std::optional<double>>(given(config, "loss_weights"), read_loss_weight);
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

CompileOptions copy_compile_options(const CompileOptions& options) {
  CompileOptions copy = options;
  copy.optimizer = AnyOptimizer(Optimizer::from_config(options.optimizer->to_config()));
  const Config config = Config::Object{{"metrics", metrics_config(options.metrics)},
                                       {"weighted_metrics", metrics_config(options.weighted_metrics)}};
  copy.metrics = read_metrics(given(config, "metrics"));
  copy.weighted_metrics = read_metrics(given(config, "weighted_metrics"));
  return copy;
}

void compile_from_config(Model& model, const Config& config, bool scales_loss) {
  if (config.is_null()) return;
  require<ValueError>(config.is_object(), "compile_from_config",
                      "The compile configuration is no object. Expected {\"optimizer\": ..., \"loss\": ...}, received ",
                      excerpt(config), '.');
  if (config.as_object().empty()) return;
  const Config* jit_compile = given(config, "jit_compile");
  require<ValueError>(!jit_compile || jit_compile->is_bool() || *jit_compile == Config("auto"), "compile_from_config",
                      "Expected jit_compile of true, false or \"auto\", received ",
                      jit_compile ? excerpt(*jit_compile) : "", '.');
  CompileOptions options = compile_options_from_config(config);
  model.compile(options);
  if (scales_loss && !OptimizerAccess::state(model.optimizer()).inner) {
    options.optimizer = optimizers::LossScaleOptimizer(options.optimizer);
    model.compile(options);
  }
  if (jit_compile) model.impl().model_state().jit_compile = *jit_compile;
  if (model.built()) model.optimizer().build(model.trainable_weights());
}

}  // namespace kerata::models
