// Metrics by name and from configs.
#include "core/class_family.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "metrics/metric_access.h"

namespace kerata {
namespace {

// "accuracy": which one, the shapes say (keras.src.trainers.compile_utils.get_metric).
struct AccuracyByShape {
  static constexpr const char* kName = "accuracy";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const {
    const std::string_view which = accuracy_class(y_true.shape(), y_pred.shape());
    if (which == "BinaryAccuracy") return metrics::binary_accuracy(y_true, y_pred);
    if (which == "SparseCategoricalAccuracy") return metrics::sparse_categorical_accuracy(y_true, y_pred);
    return metrics::categorical_accuracy(y_true, y_pred);
  }
};

using Family = ClassFamily<Metric>;

template <class F>
std::shared_ptr<Metric> mean_of() {
  auto metric = std::make_shared<metrics::MeanMetricWrapper>(F::kName, F{});
  MetricAccess::state(*metric).direction = std::is_same_v<F, AccuracyByShape> ? 1 : -1;
  return metric;
}

constexpr const char* kWrapperKeys[] = {"name", "dtype", "fn"};

/// The functions of keras.metrics and those of the losses; `wrapper` holds the function's arguments beside its own.
AnyLoss function_from_config(const Config& config, const Config& wrapper, std::string_view class_name) {
  const bool is_object = config.is_object() && config.find("config");
  const Config& name = is_object ? *config.find("config") : config;
  if (name == Config(metrics::BinaryAccuracyFunction::kName))
    return read_fields<metrics::BinaryAccuracyFunction>(wrapper, class_name, kWrapperKeys);
  detail::check_keys(wrapper, class_name, kWrapperKeys, {});
  if (name == Config(AccuracyByShape::kName)) return AccuracyByShape{};
  if (name == Config(metrics::CategoricalAccuracyFunction::kName)) return metrics::categorical_accuracy;
  if (name == Config(metrics::SparseCategoricalAccuracyFunction::kName)) return metrics::sparse_categorical_accuracy;
  return AnyLoss(Loss::from_config(config));
}

struct WrapperFields {
  std::string name = {};
  std::string dtype = {};
  static constexpr auto fields() {
    return std::tuple{field("name", &WrapperFields::name), field("dtype", &WrapperFields::dtype)};
  }
};
std::shared_ptr<Metric> make_wrapper(const Config& config, std::string_view class_name) {
  Config own{Config::Object{}};
  for (const char* key : {"name", "dtype"})
    if (const Config* value = config.find(key)) own.set(key, *value);
  const auto given = read_fields<WrapperFields>(own, class_name);
  const Config* function = config.find("fn");
  require<ValueError>(function != nullptr, class_name, "The config has no \"fn\".");
  return std::make_shared<metrics::MeanMetricWrapper>(
      function_from_config(*function, config, class_name),
      metrics::MeanMetricWrapper::Options{.name = given.name, .dtype = given.dtype});
}

// Small letters and CamelCase both stand for classes. The cross-entropies are means of the losses' functions.
Family& family() {
  static Family instance(
      {"metric", "metrics", "keras.metrics"},
      {family_class<Metric, metrics::Mean>({"Mean", "mean"}),
       family_class<Metric, metrics::Sum>({"Sum", "sum"}),
       family_class<Metric, metrics::Accuracy>({"Accuracy"}),
       family_class<Metric, metrics::BinaryAccuracy>({"BinaryAccuracy", "binary_accuracy"}),
       family_class<Metric, metrics::CategoricalAccuracy>({"CategoricalAccuracy", "categorical_accuracy"}),
       family_class<Metric, metrics::SparseCategoricalAccuracy>(
           {"SparseCategoricalAccuracy", "sparse_categorical_accuracy"}),
       family_class<Metric, metrics::MeanSquaredError>({"MeanSquaredError", "mean_squared_error", "mse", "MSE"}),
       family_class<Metric, metrics::MeanAbsoluteError>({"MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"}),
       family_class<Metric, metrics::RootMeanSquaredError>({"RootMeanSquaredError", "root_mean_squared_error"}),
       {{"MeanMetricWrapper"}, typeid(metrics::MeanMetricWrapper), make_wrapper}},
      {{"accuracy", mean_of<AccuracyByShape>},
       {"acc", mean_of<AccuracyByShape>},
       {"Accuracy", mean_of<AccuracyByShape>},  // Keras compares in lower case
       {"binary_crossentropy", mean_of<losses::BinaryCrossentropyFunction>},
       {"bce", mean_of<losses::BinaryCrossentropyFunction>},
       {"BCE", mean_of<losses::BinaryCrossentropyFunction>},
       {"BinaryCrossentropy", mean_of<losses::BinaryCrossentropyFunction>},
       {"categorical_crossentropy", mean_of<losses::CategoricalCrossentropyFunction>},
       {"CategoricalCrossentropy", mean_of<losses::CategoricalCrossentropyFunction>},
       {"sparse_categorical_crossentropy", mean_of<losses::SparseCategoricalCrossentropyFunction>},
       {"SparseCategoricalCrossentropy", mean_of<losses::SparseCategoricalCrossentropyFunction>}});
  return instance;
}

/// Functions of the user's own; each metric made of one has its own state.
struct UserFunctions {
  std::mutex mutex;
  std::map<std::string, AnyLoss> by_name;
};
UserFunctions& user_functions() {
  static UserFunctions instance;
  return instance;
}
std::shared_ptr<Metric> user_metric(const std::string& name) {
  UserFunctions& all = user_functions();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_name.find(name);
  return found == all.by_name.end() ? nullptr : std::make_shared<metrics::MeanMetricWrapper>(found->second);
}

}  // namespace

std::string_view accuracy_class(const Shape& y_true, const Shape& y_pred) {
  if (y_pred.rank() > 0 && y_pred.back() == 1) return "BinaryAccuracy";
  const bool one_label = y_true.rank() > 0 && y_true.back() == 1 && y_pred.rank() > 0 && y_pred.back() > 1;
  return y_true.rank() < y_pred.rank() || one_label ? "SparseCategoricalAccuracy" : "CategoricalAccuracy";
}

Config Metric::get_config() const { family().fail_no_config(*this, state_->name); }
Config Metric::to_config() const { return family().to_config(*this); }

std::shared_ptr<Metric> Metric::from_name(const std::string& name) {
  auto metric = user_metric(name);
  if (!metric) metric = family().from_name(name);
  metric->state_->identifier = name;
  return metric;
}

std::shared_ptr<Metric> Metric::from_config(const Config& config) {
  if (config.is_text()) return from_name(config.as_text());
  const Config *class_name = config.is_object() ? config.find("class_name") : nullptr, *name = nullptr;
  if (class_name && *class_name == Config("function")) name = config.find("config");
  return name && name->is_text() ? from_name(name->as_text()) : family().from_config(config);
}

void Metric::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Metric> make) {
  family().add_class(name, type, make);
}
void Metric::add_function(const std::string& name, const AnyLoss& function) {
  UserFunctions& all = user_functions();
  const std::lock_guard lock(all.mutex);
  all.by_name.insert_or_assign(name, function);
}

}  // namespace kerata
